"""Text goes out compressed: on a slow network it is what a page weighs."""

import gzip
import io
import secrets

from flask import Flask, Response, request
from werkzeug.wrappers import Request

TEXT = {
    "text/html",
    "text/css",
    "text/javascript",
    "text/plain",
    "text/csv",
    "application/json",
    "application/fhir+json",
    "application/manifest+json",
    "image/svg+xml",
}
SMALLEST = 500  # bytes: below it the headers that say so cost what is won
LEVEL = 6
MOST_NOISE = 64


def install(app: Flask) -> None:
    app.after_request(compress)


def compress(response: Response) -> Response:
    """What is made at once and is text; what is sent piece by piece, such as an export, goes as it
    is."""
    if response.mimetype not in TEXT or response.is_streamed or response.direct_passthrough:
        return response
    if "Content-Encoding" in response.headers or response.status_code == 304:
        return response
    body = response.get_data()
    if len(body) < SMALLEST:
        return response
    response.vary.add("Accept-Encoding")
    if takes_gzip(request):
        response.set_data(squeezed(body))
        response.headers["Content-Encoding"] = "gzip"
    return response


def takes_gzip(asking: Request) -> bool:
    return asking.accept_encodings.quality("gzip") > 0


def squeezed(body: bytes) -> bytes:
    """A page in gzip. Its length alone must not tell what stands in it beside what somebody else
    put there (BREACH): the header names a file of random length, which every reader passes over."""
    noise = secrets.token_hex(MOST_NOISE // 2)[: secrets.randbelow(MOST_NOISE)]
    held = io.BytesIO()
    with gzip.GzipFile(noise, "wb", LEVEL, held, mtime=0) as file:
        file.write(body)
    return held.getvalue()
