"""Static files as they are served: what a page needs in one file, without what is there for its
readers alone, made ready and compressed once in the life of a process."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli
from flask import Flask, Response, current_app, request, url_for

from proms.web.compression import BROTLI, GZIP, packing
from proms.web.style_sheets import merged_sheets

# One file for a page of the patient, so that a slow network is asked once: of what, in what order.
# `phone.js` is the module of that name with all that it imports.
MERGED = {
    "home.css": ("home.css",),
    "scale.css": ("scale.css",),
    "scale.js": ("scale.js",),
    "sw.js": ("sw.js",),
    "phone.css": ("tokens.css", "base.css", "patient.css"),
    "phone.js": (
        "conditions.js",
        "rules.js",
        "kept.js",
        "sending.js",
        "red.js",
        "overview.js",
        "form.js",
        "room.js",
        "phone.js",
    ),
}

# In a script: a text, the rest of a line after it said what it is for, and the blanks beside a sign
# that needs none. No pattern holds one of them, and no such rest a text.
TEXT = re.compile(r"""("(?:[^"\\\n]|\\.)*"|`[^`\n]*`)""")
ASIDE = re.compile(r"[ \t]*//[^\n]*")
BLANKS = re.compile(r"\s*([{}()\[\],;:?=<>&|!*])\s*")

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Served:
    """A file as it goes out; its fingerprint is in the address by which it is kept for good."""

    body: bytes
    packed: Mapping[str, bytes]
    mimetype: str
    fingerprint: str


def install(app: Flask) -> None:
    app.view_functions["static"] = send
    app.jinja_env.globals.update(asset=asset)


def asset(name: str) -> str:
    """The address of a static file, with its fingerprint so that it may be kept for good."""
    return url_for("static", filename=name, v=served(folder(), name).fingerprint)


def send(filename: str) -> Response:
    """A static file, in the smallest form that its reader takes."""
    root = folder()
    if filename not in MERGED and not text_file(root, filename):
        return current_app.send_static_file(filename)
    file = served(root, filename)
    response = Response(file.body, mimetype=file.mimetype)
    response.set_etag(file.fingerprint)
    response.vary.add("Accept-Encoding")
    taken = packing(request)
    if taken:
        response.set_data(file.packed[taken])
        response.headers["Content-Encoding"] = taken
        response.set_etag(f"{file.fingerprint}-{taken}")
    response.make_conditional(request)
    return response


def is_current(response: Response) -> bool:
    """Whether the address names the very file that goes out. During an upgrade a page of the one
    version asks a process of the other, and what it gets it may not keep under that name."""
    name, _weak = response.get_etag()
    return name is not None and name.split("-")[0] == request.args.get("v")


def folder() -> Path:
    return Path(current_app.static_folder or "")


def text_file(root: Path, name: str) -> bool:
    """Whether it is a text file of this folder, and not of another that a name leads to."""
    return kind_of(name) is not None and name in {path.name for path in root.iterdir()}


def kind_of(name: str) -> str | None:
    return KINDS.get(Path(name).suffix)


@cache
def served(root: Path, name: str) -> Served:
    """The file, read and compressed once."""
    if name in MERGED:
        parts = [(root / part).read_text(encoding="utf-8") for part in MERGED[name]]
        merge = merged_modules if kind_of(name) == KINDS[".js"] else merged_sheets
        body = merge(parts).encode()
    else:
        body = (root / name).read_bytes()
    kind = kind_of(name) or "application/octet-stream"
    packed = {BROTLI: brotli.compress(body), GZIP: gzip.compress(body, mtime=0)}
    return Served(body, packed, kind, hashlib.sha256(body).hexdigest()[:10])


def merged_modules(parts: list[str]) -> str:
    """Modules in one, without comments and blanks: their names are all different, each stands after
    those it imports, and what it imports are these. A comment of several lines or an import begins
    its line, and no text runs over several."""
    joined = "\n".join(parts)
    without = re.sub(r"^\s*(/\*.*?\*/|//[^\n]*)\n", "", joined, flags=re.DOTALL | re.MULTILINE)
    alone = re.sub(r"^import .*;\n", "", without, flags=re.MULTILINE)
    lines = re.sub(r"\n\s*", "\n", re.sub(r"^export ", "", alone, flags=re.MULTILINE)).lstrip()
    return "".join(
        piece if place % 2 else BLANKS.sub(r"\1", ASIDE.sub("", piece))
        for place, piece in enumerate(TEXT.split(lines))
    )
