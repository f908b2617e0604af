"""A template is laid out for its readers; the blanks that its lines begin with go out to nobody."""

import re

from flask import Flask
from jinja2.ext import Extension


def install(app: Flask) -> None:
    app.jinja_env.add_extension(WithoutIndents)
    app.jinja_env.policies["json.dumps_kwargs"] = {"sort_keys": True, "separators": (",", ":")}


class WithoutIndents(Extension):
    """Takes them from the template, never from what is filled in: an instrument's text keeps its
    own."""

    def preprocess(
        self,
        source: str,
        name: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
    ) -> str:
        return re.sub(r"^[ \t]+", "", source, flags=re.MULTILINE)
