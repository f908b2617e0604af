"""What a phone holds of these pages for when there is no network, and what lets it stand among her
other programs."""

from flask import Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from proms.web import assets
from proms.web.guard import open_to_all, patients_only
from proms.web.locale import language
from proms.web.patient.routes import pages
from proms.web.phone_numbers import trial

PAPER, BRAND = "#faf7f1", "#0e5a5e"  # as in tokens.css: a program's frame takes no style sheet
ICONS = {"mark-192.png": "192x192", "mark-512.png": "512x512"}


@pages.get("/offline")
@patients_only
def offline() -> ResponseReturnValue:
    """In the place of every page of hers: what is on this phone, and whom to call."""
    return render_template("patient/offline.html")


@pages.get("/sw.js")
@open_to_all
def worker() -> Response:
    """The script that stands between her pages and the network: at the top, so that it stands
    before all of them. A browser asks for it again at every page: it only names the script that is
    kept, by its fingerprint."""
    named = current_app.json.dumps(assets.asset("sw.js"))
    return Response(f"importScripts({named});", mimetype="text/javascript")


@pages.get("/manifest.webmanifest")
@open_to_all
def manifest() -> ResponseReturnValue:
    """What she may put among her programs; nothing needs it."""
    icons = [
        {"src": assets.asset(name), "sizes": sizes, "type": "image/png", "purpose": "any"}
        for name, sizes in ICONS.items()
    ]
    body = {
        "id": "/today",
        "name": trial(),
        "short_name": trial(),
        "lang": language(),
        "start_url": url_for("patient.today"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": BRAND,
        "icons": icons,
    }
    return body, {"Content-Type": "application/manifest+json"}
