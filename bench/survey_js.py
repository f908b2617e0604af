"""The peer of `make bench-phone`: a questionnaire of as many questions in SurveyJS, one a page, as
its own pages show how; its files packed as ours are."""

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

FILES = {
    "core.js": "survey-core/survey.core.min.js",
    "ui.js": "survey-js-ui/survey-js-ui.min.js",
    "core.css": "survey-core/survey-core.fontless.min.css",
}
TYPES = {".js": "text/javascript", ".css": "text/css"}
PAGE = """<!doctype html><html lang="nl"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>SurveyJS</title>
<link rel="stylesheet" href="core.css"><script src="core.js"></script><script src="ui.js"></script>
<div id="survey"></div>
<script>
const survey = new Survey.Model(%s);
survey.onComplete.add(async (sender) => {
  const answer = await fetch("save", { method: "POST", body: JSON.stringify(sender.data) });
  if (answer.ok) document.title = "Saved";
});
survey.render(document.getElementById("survey"));
</script></html>"""
ASKED = "#survey input[type=radio]"
NEXT = """async () => {
  const asked = () => document.querySelector("#survey input[type=radio]")?.name;
  const before = asked();
  const began = performance.now();
  document.querySelector("#survey input[type=radio]").click();
  document.querySelector(".sd-navigation__next-btn").click();
  while (asked() === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""
SEND = """async () => {
  const began = performance.now();
  document.querySelector("#survey input[type=radio]").click();
  document.querySelector(".sd-navigation__complete-btn").click();
  while (document.title !== "Saved") await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""


def survey(questions: int) -> dict[str, Any]:
    """Questions with five answers each, one a page."""
    options = ["Nee", "Licht", "Matig", "Sterk", "Zo erg als het kan"]
    elements = [
        {
            "type": "radiogroup",
            "name": f"q{number}",
            "title": f"Vraag {number} van de klachten van de afgelopen 7 dagen?",
            "choices": [{"value": value, "text": text} for value, text in enumerate(options)],
        }
        for number in range(questions)
    ]
    return {
        "questionsOnPageMode": "questionPerPage",
        "showProgressBar": True,
        "elements": elements,
    }


def served(packages: Path, questions: int) -> Callable[..., Iterable[bytes]]:
    """The application that serves it, from where npm put its packages."""
    page = (PAGE % json.dumps(survey(questions))).encode()
    bodies = {"": (page, "text/html")}
    for name, path in FILES.items():
        bodies[name] = ((packages / path).read_bytes(), TYPES[Path(name).suffix])
    packed = {name: (gzip.compress(body, 9), kind) for name, (body, kind) in bodies.items()}

    def application(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        name = environ["PATH_INFO"].strip("/")
        if name == "save":
            start("204 No Content", [])
            return []
        body, kind = packed[name]
        start("200 OK", [("Content-Type", kind), ("Content-Encoding", "gzip")])
        return [body]

    return application


def to_the_end(page: Page, questions: int) -> tuple[list[float], float]:
    """Each question's milliseconds to the next, and those of sending."""
    turns = [page.evaluate(NEXT) for _ in range(questions - 1)]
    return turns, page.evaluate(SEND)
