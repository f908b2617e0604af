"""Puts the parts together: settings in, a web application or a worker's tools out."""

from typing import TYPE_CHECKING

from proms.content import Library
from proms.domain.tick import Tries
from proms.jobs.ticks import Work
from proms.parts import Parts, parts
from proms.settings import Settings

if TYPE_CHECKING:
    from flask import Flask


def work(made: Parts) -> Work:
    """What a worker needs."""
    settings = made.settings
    switch = None
    if settings.alive_url:
        from proms.channels.outside import Switch

        switch = Switch(settings.alive_url, settings.alive_tells_failure)
    return Work(
        made.database,
        made.shelf.library,
        made.post,
        settings.protocol,
        settings.demo,
        tries=Tries(settings.row_tries),
        switch=switch,
    )


def create_app(settings: Settings | None = None, library: Library | None = None) -> "Flask":
    """The web application; a process that makes several may hand them the content it has read."""
    # A worker is made of the same parts and never pays for the web.
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from proms.web import install

    made = parts(settings, library)
    app = Flask(
        "proms.web", template_folder="templates", static_folder="static", static_url_path="/static"
    )
    app.extensions["parts"] = made
    if made.settings.proxies:
        hops = made.settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    install(app, made.settings)
    return app
