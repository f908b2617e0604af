"""Security headers on every answer; nothing with patient data is ever cached."""

from flask import Flask, Response, g, request

from proms.web.assets import is_current

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
HSTS = "max-age=63072000; includeSubDomains"
STATIC_LIFE = "public, max-age=31536000, immutable"


def install(app: Flask) -> None:
    app.after_request(protect)


def protect(response: Response) -> Response:
    """Strict policy, no referrer, no sniffing; static files may be kept, all else may not."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HSTS
    if "request_id" in g:
        response.headers["X-Request-ID"] = g.request_id
    static = request.endpoint == "static" and response.status_code == 200
    kept = "no-store"
    if static:
        # With its fingerprint in the address a file never changes under the same address; what a
        # module imports has none there, and is asked about each time.
        kept = STATIC_LIFE if is_current(response) else "no-cache"
    response.headers["Cache-Control"] = kept
    return response
