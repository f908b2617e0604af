"""Whatever is thrown at the API, it answers as it is described, and never with a fault of its
own."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import schemathesis
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import booleans
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from proms.domain.person import Role
from tests.caller import Callers
from tests.clinic import Clinic
from tests.phone import website

# A body of the right form may still be refused: a date to come, a link nobody has, an alert taken
# before.
NOT_HELD_TO: list[CheckFunction] = [positive_data_acceptance]
EXAMPLES = 12
ANY = list(HealthCheck)


@pytest.fixture
def callers(clinic: Clinic, database_url: str) -> Iterator[Callers]:
    with website(database_url) as app:
        yield Callers(app, clinic)


@pytest.fixture
def known(callers: Callers, clinic: Clinic) -> dict[str, object]:
    """What really exists, so that not every call ends at 404."""
    clinic.today("2026-03-02")
    anna = clinic.enrols("Anna")
    clinic.answers(anna, JAUND=2)
    clinic.randomises(anna, arm="A", on="2026-03-02")
    clinic.chooses(anna, "systemic", "folfox")
    return {
        "patient": anna,
        "assignment_id": clinic.asked(anna, "qlq-c30").id,
        "alert_id": 1,
        "code": anna.code,
        "component": "systemic",
    }


@pytest.fixture
def bearer(
    callers: Callers, clinic: Clinic, known: dict[str, object]
) -> Callable[[dict[str, object]], dict[str, str]]:
    """The token of somebody whom an operation admits."""
    staff = {Role.NURSE: clinic.els, Role.COORDINATOR: clinic.mo, Role.ANALYST: clinic.kim}
    tokens = {role.value: callers.staff(person).token for role, person in staff.items()}
    tokens["patient"] = callers.patient(known["patient"]).token  # type: ignore[arg-type]

    def headers(definition: dict[str, object]) -> dict[str, str]:
        who = [*definition.get("x-roles", ()), "patient"][0] if definition["security"] else None  # type: ignore[misc]
        # Asked through WSGI it says that it takes compressed answers, and does not unpack them.
        plain = {"Accept-Encoding": "identity"}
        return {"Authorization": f"Bearer {tokens[who]}", **plain} if who else plain

    return headers


def test_every_call_is_answered_as_described(
    callers: Callers,
    clinic: Clinic,
    known: dict[str, object],
    bearer: Callable[[dict[str, object]], dict[str, str]],
) -> None:
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", callers.app)
    described.config.generation.update(with_security_parameters=False)
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) == 30
    with time_machine.travel(clinic.now, tick=False):
        for operation in operations:
            for mode in GenerationMode:
                throw_at(operation, mode, known, bearer(operation.definition.raw))


def throw_at(
    operation: APIOperation, mode: GenerationMode, known: dict[str, object], headers: dict[str, str]
) -> None:
    """Calls in the described form and calls that break it, every other one of something that
    exists."""

    @given(case=operation.as_strategy(generation_mode=mode), real=booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=ANY,
    )
    def call(case: Case, real: bool) -> None:
        if real:
            case.path_parameters = {
                name: known.get(name, value) for name, value in case.path_parameters.items()
            }
        # Where a wrong address was mended, nothing wrong may be left to reject.
        excluded = [*NOT_HELD_TO, negative_data_rejection] if real else NOT_HELD_TO
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    # A call without anything to fill in cannot be filled in wrongly.
    with suppress(Unsatisfiable):
        call()
