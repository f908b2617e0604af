"""After sending: proof that it arrived and what happens next, or that she must call."""

from datetime import datetime, timedelta

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from proms.actions.evaluations import stored
from proms.actions.refusals import NotFound
from proms.db.queries.calls import said_about_calling
from proms.db.queries.today import Days, response_by_receipt
from proms.db.tables import Response
from proms.domain.calls import CallReply
from proms.web import request_context
from proms.web.access import own_days
from proms.web.advice import AdviceText, advice_text, facts_to_tell
from proms.web.guard import patients_only
from proms.web.locale import day
from proms.web.patient.routes import pages
from proms.web.patient.today import local
from proms.web.phone_numbers import hospital

KEPT = timedelta(hours=24)


@pages.get("/receipt/<code>")
@patients_only
def receipt(code: str) -> ResponseReturnValue:
    """The receipt; what it says about the answers is shown for a day, that they arrived for
    good."""
    now, mine = request_context.now(), request_context.current_patient()
    with request_context.reading() as session:
        response = own_response(session, code)
        evaluated = stored(session, request_context.library(), response)
        said = said_about_calling(session, [mine.id]).get(mine.id)
        around = own_days(session, mine)
    fresh = now - response.submitted_at < KEPT
    advice = advice_text(evaluated, hospital(), response.submitted_at) if fresh else None
    return render_template(
        "patient/call.html" if advice and advice.urgent else "patient/receipt.html",
        told=advice,
        response=response,
        lines=_lines(advice, evaluated.failed, around),
        said=said if said and said.assignment_id == response.assignment_id else None,
        today=local(now),
        sent=local(response.submitted_at),
        more=_next_sheet(around, now, response),
        replies=CallReply,
        about_her=facts_to_tell(mine, evaluated.facts),
    )


def own_response(session: Session, code: str) -> Response:
    """The response of this receipt, if it is the reader's own."""
    found = response_by_receipt(session, request_context.current_patient().id, code)
    if found is None:
        raise NotFound("There is no such receipt.")
    return found


def _lines(advice: AdviceText | None, failed: bool, around: Days) -> list[str]:
    """What happens next, step by step; nowhere does it say that all is well or that somebody has
    read it."""
    lines = [advice.first, *advice.more] if advice else []
    if failed:
        lines.append(
            _(
                "Your answers are kept, but the computer could not look at them. Your nurse gets a message."
            )
        )
    lines.append(
        _(
            "Nobody reads this list day and night. Do you feel very ill now? Call {phone}. Life in danger: 112."
        )
    )
    if around.coming:
        lines.append(
            _(
                "The next questions come on %(day)s. You get a message.",
                day=day(around.coming[0].opens),
            )
        )
    return lines


def _next_sheet(around: Days, now: datetime, response: Response) -> int | None:
    """What is still to be filled in of the same pack, so that one sitting stays one sitting."""
    for pack in around.open:
        if any(each.assignment.id == response.assignment_id for each in pack.rows):
            return next((each.assignment.id for each in pack.open_at(now)), None)
    return None
