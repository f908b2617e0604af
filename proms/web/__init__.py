"""Pages and API over the actions; no rule of the trial lives here."""

from flask import Flask

from proms.settings import Settings
from proms.web import (
    addresses,
    api,
    assets,
    body_limits,
    compression,
    errors,
    front,
    guard,
    headers,
    hooks,
    indents,
    locale,
    metrics,
    own_host,
    patient,
    staff,
)


def install(app: Flask, settings: Settings) -> None:
    """Give the application its pages, its API and its guards."""
    app.config.update(
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME="__Host-form" if settings.secure else "form",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        # Our pages send no referrer, so a check of it would refuse every form sent over https.
        WTF_CSRF_SSL_STRICT=False,
        TRAP_HTTP_EXCEPTIONS=False,
    )
    compression.install(app)  # first, so that it comes after all that looks at a page
    addresses.install(app)
    assets.install(app)
    indents.install(app)
    locale.install(app)
    headers.install(app)
    errors.install(app)
    own_host.install(app)
    body_limits.install(app)  # ahead of the guard, which reads the form for its token
    guard.install(app)
    front.install(app)
    hooks.install(app)
    metrics.install(app)
    patient.install(app)
    staff.install(app)
    api.install(app)
