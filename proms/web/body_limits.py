"""How much a request may bring: little, unless a route says that it takes more."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request

LARGEST_BODY = 64 * 1024

View = TypeVar("View", bound=Callable[..., object])


def takes_up_to(size: int) -> Callable[[View], View]:
    """This route takes a body of so many bytes."""

    def mark(view: View) -> View:
        view.largest_body = size  # type: ignore[attr-defined]
        return view

    return mark


def install(app: Flask) -> None:
    """Before anything reads a form."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.before_request(widen)


def widen() -> None:
    """Let the body of a route that takes more come in."""
    view = current_app.view_functions.get(request.endpoint or "")
    size = getattr(view, "largest_body", None)
    if size:
        request.max_content_length = size
        request.max_form_memory_size = size
