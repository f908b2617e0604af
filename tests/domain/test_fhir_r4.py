"""R4B's model judges what we make for R4: for our two resources the two are equal."""

import re
from typing import Any

import pytest
import yaml
from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B import questionnaire as r4b_questionnaire
from fhir.resources.R4B import questionnaireresponse as r4b_response

from proms.settings import HOME
from tests.fhir_codes import allowed, sound, strange_codes


@pytest.mark.parametrize(
    "module", [r4b_questionnaire, r4b_response], ids=["Questionnaire", "QuestionnaireResponse"]
)
def test_r4_and_r4b_are_equal_for_the_two_resources_so_that_r4bs_model_judges_r4(
    module: Any,
) -> None:
    r4 = yaml.safe_load((HOME / "tests/golden/fhir_r4.yaml").read_text())
    prefix = module.__name__.rpartition(".")[2]
    parts = {name: elements for name, elements in r4.items() if name.lower().startswith(prefix)}
    if prefix == "questionnaire":
        parts = {
            name: each
            for name, each in parts.items()
            if not name.startswith("QuestionnaireResponse")
        }
    assert len(parts) == {"questionnaire": 5, "questionnaireresponse": 3}[prefix]
    for name, elements in parts.items():
        assert elements_of(getattr(module, name)) == elements, name


def test_a_word_that_is_no_code_is_found_though_the_model_takes_it() -> None:
    made: dict[str, Any] = {
        "resourceType": "Questionnaire",
        "status": "active",
        "item": [{"linkId": "a", "type": "group", "item": [{"linkId": "b", "type": "integer"}]}],
    }
    sound(made)
    made["status"] = "live"
    made["item"][0]["item"][0]["type"] = "number"
    r4b_questionnaire.Questionnaire.model_validate(made)
    assert list(strange_codes(made)) == [
        "Questionnaire.status: live",
        "Questionnaire.item.type: number",
    ]


def test_our_table_of_codes_has_what_the_models_know() -> None:
    """Where the models list an element's codes, ours are the same, or those of them we make."""
    compared = 0
    for place, codes in allowed().items():
        known = known_codes(place)
        if known:
            assert set(codes) <= known, place
            compared += 1
    assert compared >= 8


def known_codes(place: str) -> set[str]:
    """What the model of a part says of one of its elements."""
    parts = place.split(".")
    if len(parts) < 2 or "/" in place:
        return set()
    model = get_fhir_model_class("".join(each[:1].upper() + each[1:] for each in parts[:-1]))
    for name, field in model.model_fields.items():
        if parts[-1] in (name, field.alias):
            words = (field.json_schema_extra or {}).get("enum_values", ())
            return set() if {"+", "mime"} & set(words) else set(words)
    raise AssertionError(f"no element {place}")


def elements_of(model: Any) -> dict[str, str]:
    """The elements of a model of R4B, written as the golden file writes R4's."""
    found = {}
    for name, field in model.model_fields.items():
        told = field.json_schema_extra or {}
        if name == "id" or name.endswith("__ext") or not told.get("element_property"):
            continue
        written = re.findall(r"abc\.(\w+)Type|(\w+)\(|\b(bool)\b", str(field.annotation))[0]
        kind = next(each for each in written if each).lower()
        many = "*" if "List[" in str(field.annotation) else ""
        needed = "!" if told.get("element_required") or told.get("one_of_many_required") else ""
        words = "|".join(told.get("enum_values", ()))
        found[field.alias or name] = f"{kind}{many}{needed}{' ' + words if words else ''}"
    return found
