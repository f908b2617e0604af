"""Where Twilio calls us: only what it signed for our public address is read."""

from flask import Blueprint, Flask, abort, request
from flask.typing import ResponseReturnValue

from proms.actions.callbacks import note_report
from proms.actions.inbound import Inbound, take_text
from proms.domain.person import ContactKind
from proms.web import request_context
from proms.web.guard import csrf, open_to_all

hooks = Blueprint("hooks", __name__, url_prefix="/hooks/twilio")


def install(app: Flask) -> None:
    csrf.exempt(hooks)  # no browser calls it, and the signature proves more
    app.register_blueprint(hooks)


@hooks.post("/<id:delivery_id>")
@open_to_all
def report(delivery_id: int) -> ResponseReturnValue:
    """What became of one message."""
    _refuse_strangers()
    from proms.channels.twilio_hooks import report_of

    said = report_of(request.form)
    if said:
        with request_context.writing() as session:
            note_report(
                session,
                delivery_id,
                said,
                channel=ContactKind.SMS,
                limits=request_context.parts().settings.outbox,
                now=request_context.now(),
            )
    # Taken, whatever it said: what is refused comes again.
    return "", 204


@hooks.post("/inbound")
@open_to_all
def inbound() -> ResponseReturnValue:
    """A text that came in, and what its sender is told at once."""
    _refuse_strangers()
    from proms.channels.twilio_hooks import answer_with, text_of

    text = text_of(request.form)
    answer = None
    if text:
        with request_context.writing() as session:
            answer = take_text(
                session,
                request_context.library(),
                request_context.keyring(),
                Inbound(text.sid, text.number, text.text, text.answered),
                limits=request_context.parts().settings.outbox,
                now=request_context.now(),
                countries=request_context.parts().settings.sms_countries,
            )
    return answer_with(answer), 200, {"Content-Type": "text/xml; charset=utf-8"}


def _refuse_strangers() -> None:
    """403 but for what Twilio signed; 404 where this installation has no Twilio."""
    # Most web processes never hear of Twilio.
    from proms.channels.twilio_hooks import SIGNATURE, is_from_twilio

    settings = request_context.parts().settings
    if settings.twilio is None:
        abort(404)
    # The address as Twilio was given it: behind a proxy a request is for another host and scheme.
    address = f"{settings.public_url}{request.path}"
    if request.query_string:
        address += f"?{request.query_string.decode(errors='replace')}"
    signed = is_from_twilio(
        settings.twilio.account,
        settings.twilio.token,
        address=address,
        form=request.form,
        signature=request.headers.get(SIGNATURE, ""),
    )
    if not signed:
        abort(403)
