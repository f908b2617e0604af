"""Another language in the middle of a form: the page comes back with all that was typed."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, abort, g, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import refresh

from proms.web import request_context
from proms.web.locale import LANGUAGE_COOKIE, LANGUAGES

FIELD = "to_language"  # the name of the buttons that change the language; templates write it too
A_YEAR = 365 * 24 * 3600  # seconds
View = ParamSpec("View")


def keeps_typed(
    show: Callable[View, ResponseReturnValue],
) -> Callable[[Callable[View, ResponseReturnValue]], Callable[View, ResponseReturnValue]]:
    """A form of this view may come with another language instead of to be saved: `show`, given what
    the view is given, shows it again as it was typed, and nothing else happens."""

    def mark(view: Callable[View, ResponseReturnValue]) -> Callable[View, ResponseReturnValue]:
        @wraps(view)
        def either(*args: View.args, **kwargs: View.kwargs) -> ResponseReturnValue:
            code = request.form.get(FIELD)
            if code is None:
                return view(*args, **kwargs)
            if code not in LANGUAGES:
                abort(404)
            g.chosen_language = code
            refresh()
            return remember(make_response(show(*args, **kwargs)), code)

        either.show_typed = show  # type: ignore[attr-defined]
        return either

    return mark


def remember(response: Response, code: str) -> Response:
    """Keep on this device which language its reader chose."""
    response.set_cookie(
        LANGUAGE_COOKIE,
        code,
        max_age=A_YEAR,
        secure=request_context.parts().settings.secure,
        httponly=True,
        samesite="Lax",
    )
    return response
