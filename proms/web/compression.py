"""Text goes out compressed: on a slow network it is what a page weighs."""

import gzip
import io
import secrets

import brotli
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
BROTLI, GZIP = "br", "gzip"
LEVEL = 6  # of gzip
QUICK, SMALL = 5, 10  # of brotli: as quick as gzip; a tenth smaller, for some milliseconds
SLOW_NETWORK = "patient"  # the pages for which they are well spent
MOST_NOISE = 64
REDIRECTS = {301, 302, 303, 307, 308}


def install(app: Flask) -> None:
    app.after_request(compress)
    app.after_request(say_once)


def say_once(response: Response) -> Response:
    """A redirect says where to go in its head: the page that says so once more stays here."""
    if response.status_code in REDIRECTS:
        response.set_data(b"")
    return response


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
    taken = packing(request)
    if taken:
        response.set_data(squeezed(body, taken, secrets.token_hex(MOST_NOISE // 2)))
        response.headers["Content-Encoding"] = taken
    return response


def packing(asking: Request) -> str | None:
    """The smallest packing that the reader takes, if any."""
    takes = (each for each in (BROTLI, GZIP) if asking.accept_encodings.quality(each) > 0)
    return next(takes, None)


def squeezed(body: bytes, packing: str, noise: str) -> bytes:
    """A page in this packing. Its length alone must not tell what stands in it beside what somebody
    else put there (BREACH): some of the noise goes with it, where every reader passes over it."""
    some = noise[: secrets.randbelow(MOST_NOISE)]
    if packing == GZIP:
        return by_gzip(body, some)
    return by_brotli(body, some, SMALL if request.blueprint == SLOW_NETWORK else QUICK)


def by_gzip(body: bytes, noise: str) -> bytes:
    """In gzip, with the noise as the name of a file in its header."""
    held = io.BytesIO()
    with gzip.GzipFile(noise, "wb", LEVEL, held, mtime=0) as file:
        file.write(body)
    return held.getvalue()


def by_brotli(body: bytes, noise: str, quality: int) -> bytes:
    """In brotli, with the noise as a block of metadata at its end (RFC 7932, 9.2)."""
    packer = brotli.Compressor(quality=quality, mode=brotli.MODE_TEXT)
    packed: bytes = packer.process(body) + packer.flush()  # ends with a whole byte
    if noise:
        # Not the last block, and of metadata, whose length less one is one byte.
        head = 0b010110 | (len(noise) - 1) << 6
        packed += head.to_bytes(2, "little") + noise.encode()
    return packed + b"\x03"  # the last block, which is empty
