"""Laboratory values of a patient, with what follows from them; no call says anything of a dose."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError
from marshmallow.fields import Date, Field, Float, Integer, List, Nested, String
from marshmallow_sqlalchemy import SQLAlchemyAutoSchema

from proms.actions.audit import staff_actor
from proms.actions.laboratory import lab_basis, record_values
from proms.actions.refusals import FieldFault, Incomplete
from proms.db.queries.history import history_of
from proms.db.queries.laboratory import lab_value
from proms.db.tables import LabVersion
from proms.domain.laboratory import LabEntry, Reading, ValueFault, read_amount, read_courses
from proms.domain.person import Role
from proms.domain.plain_text import LONGEST_REASON
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.api.fields import Strict, line, text
from proms.web.api.patients import ONE
from proms.web.api.routes import alt_responses, api, arguments
from proms.web.guard import staff_only


class Amount(Field[Any]):
    """A number above 0 with at most two decimals, as JSON has numbers."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Decimal:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        amount = read_amount(_written(value), comma=False) if number else None
        if amount is None or isinstance(amount, ValueFault):
            raise ValidationError("Not a number above 0 with at most two decimals.")
        return amount


class LabIn(Strict):
    """A value in the unit the trial keeps the test in, with the upper limit of normal of the
    laboratory; null takes back what is on record."""

    test = line(32, 1, required=True)
    taken_on = Date(required=True)
    value = Amount(required=True, allow_none=True)
    unit = line(16, 1, load_default=None, allow_none=True)
    upper_limit = Amount(load_default=None, allow_none=True)
    reason = text(LONGEST_REASON, load_default="")


class LabOut(SQLAlchemyAutoSchema):
    """A value in the version that holds; without one it was taken back."""

    class Meta:
        model = LabVersion
        fields = (
            "test", "taken_on", "value", "unit", "upper_limit", "version", "reason", "recorded_at",
        )  # fmt: skip


class ReadingOut(LabOut):
    """A value with its multiples, how many values in a row it rose, and its CTCAE grade: of the
    upper limit of normal, or of the baseline where that was above its own."""

    class Meta(LabOut.Meta):
        fields = (  # type: ignore[assignment]
            *LabOut.Meta.fields,
            "times_upper_limit", "reference_on", "times_reference", "rises", "grade", "baseline_on",
        )  # fmt: skip

    times_upper_limit = Float(required=True)
    reference_on = Date(required=True, allow_none=True)
    times_reference = Float(required=True, allow_none=True)
    rises = Integer(required=True)
    grade = Integer(required=True)
    baseline_on = Date(required=True, allow_none=True)


class LabsOut(Schema):
    """By test and day; `source` is where the limits of the grades come from."""

    source = String(required=True)
    values = List(Nested(ReadingOut), required=True)


@api.route(f"{ONE}/labs")
@api.response(200, LabsOut)
@alt_responses(404)
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_labs(code: str) -> dict[str, Any]:
    """The laboratory values that hold, by test and day, with what follows from them."""
    library = request_context.library()
    with request_context.reading() as session:
        patient = own_patient(session, code)
        basis = lab_basis(session, library, patient, now=request_context.now())
        protocol = library.protocol(patient.protocol, patient.protocol_version)
        values = [value for row in basis.held.values() if (value := lab_value(row))]
        courses = read_courses(protocol, basis.panel, history_of(session, patient), values)
        told = [
            _told(basis.held[reading.value.test, reading.value.taken_on], reading)
            for readings in courses.values()
            for reading in readings
        ]
    return {"source": basis.panel.source, "values": told}


@api.route(f"{ONE}/labs", methods=["POST"])
@api.response(201, LabOut)
@api.alt_response(200, schema=LabOut, success=True, description="On record already")
@arguments(LabIn)
@alt_responses(404)
@staff_only(Role.NURSE, Role.COORDINATOR)
def post_lab(body: dict[str, Any], code: str) -> tuple[LabVersion, int]:
    """Record the value of a test on a day, or correct it with the reason."""
    entry = LabEntry(
        body["test"], body["taken_on"], body["value"], body["upper_limit"], body["unit"]
    )
    # A person reads the unit beside the field; a system has to say which one it means.
    if entry.value is not None and entry.unit is None:
        raise Incomplete("unit", FieldFault.EMPTY)
    library = request_context.library()
    with request_context.writing() as session:
        patient = own_patient(session, code)
        rows = record_values(
            session,
            library,
            patient_id=patient.id,
            entries=[entry],
            reason=body["reason"],
            by=staff_actor(request_context.current_staff()),
            now=request_context.now(),
        )
        if rows:
            return rows[0], 201
        basis = lab_basis(session, library, patient, now=request_context.now())
        return basis.held[entry.test, entry.taken_on], 200


def _written(number: float) -> str:
    """As it stood in the body: 12.5, and 100 for 100.0."""
    whole = isinstance(number, int) or number.is_integer()
    return str(int(number)) if whole else repr(number)


def _told(row: LabVersion, reading: Reading) -> dict[str, Any]:
    return {
        **dict(_columns(row)),
        "times_upper_limit": reading.times_upper_limit,
        "reference_on": reading.reference.taken_on if reading.reference else None,
        "times_reference": reading.times_reference,
        "rises": reading.rises,
        "grade": reading.grade,
        "baseline_on": reading.baseline.taken_on if reading.baseline else None,
    }


def _columns(row: LabVersion) -> Iterator[tuple[str, Any]]:
    for name in LabOut.Meta.fields:
        yield name, getattr(row, name)
