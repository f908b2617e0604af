"""How much a request may bring: little, unless a route says that it takes more."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request

LARGEST_BODY = 64 * 1024

View = TypeVar("View", bound=Callable[..., object])


def takes_up_to(size: int, *, with_file: int | None = None) -> Callable[[View], View]:
    """This route takes a body of so many bytes, or of `with_file` bytes of which the form's fields
    are no more than `size`: a file that is too large for the route to use still comes in, so that
    its sender hears why and keeps the form."""

    def mark(view: View) -> View:
        view.largest_body = with_file or size  # type: ignore[attr-defined]
        view.largest_form = size  # type: ignore[attr-defined]
        return view

    return mark


def install(app: Flask) -> None:
    """Before anything reads a form."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.before_request(widen)
    app.teardown_request(let_go)


def widen() -> None:
    """Let the body of a route that takes more come in."""
    view = current_app.view_functions.get(request.endpoint or "")
    largest_form = getattr(view, "largest_form", None)
    if largest_form is None:
        return
    # Only this kind of form carries files, and only of it werkzeug limits the fields by themselves.
    with_files = request.mimetype == "multipart/form-data"
    request.max_content_length = view.largest_body if with_files else largest_form  # type: ignore[union-attr]
    request.max_form_memory_size = largest_form


def let_go(_error: BaseException | None = None) -> None:
    """Close the files that came: a large one lies on the disk for as long as it is open."""
    request.close()
