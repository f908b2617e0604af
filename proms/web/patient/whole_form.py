"""A form as a phone holds it: every question it may ask, without an answer of hers, and what
decides which is asked and what cannot wait."""

from collections.abc import Iterator
from dataclasses import replace

from flask import render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from proms.actions.refusals import NotFound
from proms.domain.alert import decided_by_red
from proms.domain.instrument import LEVEL, Item, ItemKind
from proms.web.access import reading_assignment
from proms.web.guard import patients_only
from proms.web.locale import speaking
from proms.web.patient.on_device import on_device, rules_held, whole_data
from proms.web.patient.questionnaire import laid_out
from proms.web.patient.routes import pages


@pages.get("/form/<id:assignment_id>/whole")
@patients_only
def whole(assignment_id: int) -> ResponseReturnValue:
    """The page that a phone keeps, and turns over by itself. No answer is in it: it may lie on the
    phone for as long as the form is open."""
    with reading_assignment(assignment_id) as (sitting, _asked):
        sheet = laid_out(sitting)
    if not decided_by_red(sheet.instrument, LEVEL):
        raise NotFound("A phone cannot decide what is asked here.")
    red = rules_held(sheet)
    data = whole_data(sheet, red)
    possible = [
        each
        for data_of in data["items"]
        for each in _ways(sheet.instrument.item(data_of["code"]), data_of)
    ]
    with speaking(sheet.draft.language):
        device = on_device(sheet) if red else None
        calling = render_template("patient/red.html", device=device, sheet=sheet)
    return render_template(
        "patient/whole_form.html",
        sheet=sheet,
        kind=ItemKind,
        possible=possible,
        data=data,
        calling=Markup(calling),  # noqa: S704  (rendered above)
    )


def _ways(item: Item, data: dict[str, object]) -> Iterator[Item]:
    """An item in each of the ways in which it may be worded."""
    possible = {variant["code"] for variant in data.get("variants", ())}  # type: ignore[attr-defined]
    if not possible:
        yield item
    for variant in item.variants:
        if variant.code in possible:
            yield replace(item, variant=variant.code, cdisc=variant.cdisc)
