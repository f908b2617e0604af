"""What a phone kept by itself and sends when it can: answers on the way, and a form that was sent
without a network."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from proms.actions.drafts import Sitting
from proms.actions.refusals import AlreadyAnswered
from proms.actions.submissions import Submission, submit
from proms.domain.instrument import Instrument, Item, Value
from proms.domain.plain_text import with_plain_ends
from proms.domain.response import Document, Given, MissingReason, with_given
from proms.domain.schedule import AssignmentState
from proms.web.access import writing_assignment
from proms.web.answer_form import is_key
from proms.web.guard import patients_only
from proms.web.patient.keeping import keep_answers
from proms.web.patient.own_answers import mode_here, this_device
from proms.web.patient.questionnaire import OpenQuestionnaire, laid_out, laid_out_to_send
from proms.web.patient.receipt import SentBefore, receipt_address
from proms.web.patient.routes import pages


@pages.post("/form/<id:assignment_id>/keep")
@patients_only
def keep(assignment_id: int) -> ResponseReturnValue:
    """Keep these answers, in one transaction; sent again they stay as they are. The reply says
    whether something in them cannot wait."""
    sent = _body()
    with writing_assignment(assignment_id) as sitting:
        sheet = laid_out(sitting)
        given = _given(sent, sheet.instrument, sitting.now)
        sheet, alarmed = keep_answers(sitting, sheet, given)
    call = url_for("patient.call", assignment_id=assignment_id) if alarmed else None
    return {"kept": sorted(given), "call": call}


@pages.post("/form/<id:assignment_id>/arrive")
@patients_only
def arrive(assignment_id: int) -> ResponseReturnValue:
    """Send what the phone showed when she sent it: these answers and no others, under a key of the
    phone's own, so that a second try gives the same receipt."""
    sent = _body()
    key = sent.get("key")
    if not isinstance(key, str) or not is_key(key):
        abort(400)
    with writing_assignment(assignment_id) as sitting:
        sheet = laid_out_to_send(sitting)
        given = _given(sent, sheet.instrument, sitting.now)
        if sitting.assignment.state != AssignmentState.ANSWERED:
            sheet, _alarmed = keep_answers(sitting, laid_out(sitting), given)
        try:
            on_this = replace(sitting, device=this_device())
            receipt = submit(
                on_this, Submission(key, _document(sitting, sheet, given), mode_here())
            )
        except AlreadyAnswered as refusal:
            return {"receipt": _sent_before(refusal), "before": True}
    return {"receipt": receipt_address(receipt.code), "before": False}


def _sent_before(refusal: AlreadyAnswered) -> str:
    """By another device: what came now is kept aside, and the receipt there is says so. Where these
    answers cannot wait and the first could, her page says to call."""
    if refusal.red:
        return url_for("patient.today")
    return receipt_address(refusal.receipt, SentBefore.KEPT if refusal.kept else SentBefore.LATE)


def _document(sitting: Sitting, sheet: OpenQuestionnaire, given: Mapping[str, Given]) -> Document:
    """The answers that were sent, with the times of the draft they are kept in."""
    document: Document = {}
    for item in sheet.items:
        if item.code in given:
            before = sheet.document.get(item.code)
            held = {item.code: before} if before else {}
            document |= with_given(held, item.code, given[item.code], sitting.now)
    return document


def _body() -> dict[str, Any]:
    """What was sent, if it has the shape of what our page sends."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("entries"), dict):
        abort(400)
    return sent


def _given(sent: Mapping[str, Any], instrument: Instrument, now: datetime) -> dict[str, Given]:
    """What was given to each item; raises UnknownItem, and NotOffered where it is kept."""
    given = {}
    ahead = _ahead(sent.get("clock"), now)
    for code, entry in sent["entries"].items():
        if not isinstance(entry, dict):
            abort(400)
        value = _value(instrument.item(code), entry)
        given[code] = Given(value, _moment(entry.get("at")), phone_ahead=ahead)
    return given


def _value(item: Item, entry: Mapping[str, Any]) -> Value | MissingReason:
    value = entry.get("value")
    if value is None:
        return MissingReason.DECLINED if item.safety else MissingReason.SKIPPED
    if isinstance(value, str):
        return with_plain_ends(value)
    if isinstance(value, list):
        return tuple(value)
    return value


def _ahead(clock: object, now: datetime) -> int | None:
    """The seconds by which the phone's clock, as it was when it sent this, is ahead of ours."""
    moment = _moment(clock)
    return round((datetime.fromisoformat(moment) - now).total_seconds()) if moment else None


def _moment(text: object) -> str:
    """A moment by the phone's clock, as it is written here; nothing for what is none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return ""
    if moment.tzinfo is None:
        return ""
    try:
        return moment.astimezone(UTC).isoformat(timespec="seconds")
    except OverflowError:
        return ""
