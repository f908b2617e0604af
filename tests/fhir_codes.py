"""Whether a resource is sound: by HL7's model, and by a table of ours for the codes that it takes
unread."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml
from fhir.resources.R4B import get_fhir_model_class

from proms.settings import HOME

Resource = dict[str, Any]


@cache
def allowed() -> dict[str, list[str]]:
    """The codes by element, or by the address of an extension."""
    text = (HOME / "tests/golden/fhir_r4_codes.yaml").read_text(encoding="utf-8")
    table: dict[str, list[str]] = yaml.safe_load(text)
    return table


def sound(resource: Any) -> None:
    """Raises ValidationError for what the model refuses; no code may be strange."""
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    assert not list(strange_codes(resource))


def strange_codes(resource: Resource) -> Iterator[str]:
    """Every code that stands where FHIR has others, with its place."""
    if resource.get("language", "nl") not in allowed()["language"]:
        yield f"language: {resource['language']}"
    yield from _strange(resource, resource["resourceType"])


def _strange(node: Resource, place: str) -> Iterator[str]:
    for name, value in node.items():
        if name == "resource" and isinstance(value, dict):
            yield from strange_codes(value)
            continue
        here = f"{place}.{name}"
        # Items stand below items, and below answers.
        for deeper in (".item.item", ".answer.item"):
            here = here.replace(deeper, ".item")
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from _strange_extension(each) if name == "extension" else ()
                yield from _strange(each, here)
            elif each not in allowed().get(here, [each]):
                yield f"{here}: {each}"


def _strange_extension(extension: Resource) -> Iterator[str]:
    codes = [value for name, value in extension.items() if name == "valueCode"]
    codes += [each["code"] for each in extension.get("valueCodeableConcept", {}).get("coding", [])]
    for code in codes:
        if code not in allowed().get(extension["url"], [code]):
            yield f"{extension['url']}: {code}"
