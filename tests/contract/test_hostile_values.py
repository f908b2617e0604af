"""Whatever is written into any field or any part of an address, on either database: a refusal in
words, never a failure of ours."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from zlib import crc32

import pytest

from tests.clinic import Clinic
from tests.every_call import TWILIO, Scene
from tests.every_example import Sent
from tests.phone import website

WRITTEN = [
    "a\x00b", "x" * 5000, "-1", "2147483648", "9" * 4400, "٣", "0001-01-01", "9999-12-31",
    "🙂\u2028\u202e\x1b",
]  # fmt: skip
IN_JSON = [*WRITTEN, "half \ud800", None, 2**63, 10**400, math.nan, [None], {"\x00": 1}]
IN_ADDRESS = [*WRITTEN, "\udced\udca0\udc80", "..", "%00"]


@pytest.fixture
def scene(clinic: Clinic, database_url: str) -> Iterator[Scene]:
    with website(database_url, twilio=TWILIO) as app:
        yield Scene(app, clinic)


def hostile(sent: Sent) -> Iterator[tuple[str, Sent]]:
    """The call with one part of it at a time replaced by something nobody would write."""
    for name in sent.path:
        for value in IN_ADDRESS:
            yield f"{name} in the address", replace(sent, path={**sent.path, name: value})
    for value in WRITTEN:
        if sent.query:
            yield "query", replace(sent, query=dict.fromkeys(sent.query, value))
        for name in sent.form or {}:
            yield f"{name} of the form", replace(sent, form={**sent.form, name: value})  # type: ignore[dict-item]
    if isinstance(sent.json, dict):
        for value in IN_JSON:
            for name in sent.json:
                yield f"{name} of the body", replace(sent, json={**sent.json, name: value})
            yield "the body", replace(sent, json=value)


def of_today(rule: str, place: int) -> bool:
    """Half of them by day, drawn from all fields; all by night."""
    return crc32(f"{rule} {place}".encode()) % 2 == 0


def every(_rule: str, _place: int) -> bool:
    return True


def failures(scene: Scene, taken: Callable[[str, int], bool]) -> list[Any]:
    failed: set[Any] = set()
    for rule, method in scene.rules():
        scene.begins_anew()
        example = scene.example(rule, method)
        for place, (where, sent) in enumerate(hostile(example)):
            if not taken(rule.rule, place):
                continue
            answer = scene.call(rule, method, sent)
            if answer.status_code >= 500:
                failed.add((method, rule.rule, where, answer.status_code))
            if answer.status_code < 400 and method != "GET":
                example = scene.example(rule, method)  # it was taken, and used up
    return sorted(failed)


def test_no_value_in_any_field_of_any_route_is_a_failure_of_ours(scene: Scene) -> None:
    assert failures(scene, of_today) == []


@pytest.mark.nightly
@pytest.mark.both_engines
def test_no_value_at_all_is_a_failure_of_ours(scene: Scene) -> None:
    assert failures(scene, every) == []
