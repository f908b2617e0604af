"""A tap that comes sooner after a page than anybody can have read it counts for nothing: it was
meant for the page before."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import ParamSpec

from flask import request
from flask.typing import ResponseReturnValue

from proms.web import request_context

# The style sheet keeps taps from the page for as long (`--arrival` in tokens.css): a phone counts
# from when it shows the page, we from when we made it.
ARRIVAL = timedelta(milliseconds=700)
FIELD = "made"  # what `own_form` of patient/parts.html writes
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
MOST_DIGITS = 15
View = ParamSpec("View")


def made() -> int:
    """The moment this page is made in, for its form. It is not signed: who changes it takes away
    nobody's guard but her own."""
    return (request_context.now() - EPOCH) // MILLISECOND


def counts_when_read(
    show: Callable[View, ResponseReturnValue],
) -> Callable[[Callable[View, ResponseReturnValue]], Callable[View, ResponseReturnValue]]:
    """A form of this view that comes too soon is not done: `show`, given what the view is given,
    shows the page again as it is, with what was chosen on it."""

    def mark(view: Callable[View, ResponseReturnValue]) -> Callable[View, ResponseReturnValue]:
        @wraps(view)
        def either(*args: View.args, **kwargs: View.kwargs) -> ResponseReturnValue:
            return show(*args, **kwargs) if came_too_soon() else view(*args, **kwargs)

        return either

    return mark


def came_too_soon() -> bool:
    """Whether the form that was sent had just been made; one that does not say when was not."""
    text = request.form.get(FIELD, "")
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        return False
    # A clock that was set back says nothing of how long she read.
    return timedelta() <= (made() - int(text)) * MILLISECOND < ARRIVAL
