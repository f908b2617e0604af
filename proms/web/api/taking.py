"""What each route takes."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema
from marshmallow.fields import Date, Dict, Enum, List, Raw, String
from marshmallow.validate import Length, OneOf, Regexp

from proms.domain.alert.record import Resolution
from proms.domain.person import ContactKind, Language, Sex
from proms.domain.response import MissingReason
from proms.domain.schedule import CycleStatus
from proms.domain.schedule.history_entry import RANDOMISATION
from proms.web.api.fields import Flag, Strict, digits, line, text, whole

GIVEN_REASONS = [each.value for each in MissingReason if each is not MissingReason.NOT_ASKED]
ANSWERS = {"allOf": [{"$ref": "#/components/schemas/Answers"}]}
KEY = r"^[!-~]{1,64}$"


class SessionIn(Strict):
    """A patient's link, or the log-in name and password of staff."""

    link = line(100, 1)
    login = line(100, 1)
    password = line(1000, 1)

    @validates_schema
    def one_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
        if set(data) not in ({"link"}, {"login", "password"}):
            raise ValidationError("Send either link, or login and password.")


class AnswersIn(Strict):
    """Answers by item, and why others have none."""

    answers = Dict(keys=String(), values=Raw(allow_none=True), required=True, metadata=ANSWERS)
    missing = Dict(keys=String(), values=String(validate=OneOf(GIVEN_REASONS)), load_default=dict)

    @validates_schema
    def not_both(self, data: Mapping[str, Any], **_: Any) -> None:
        both = sorted(set(data["answers"]) & set(data["missing"]))
        if both:
            raise ValidationError({code: ["Has an answer, and is said to have none."] for code in both}, "missing")


class DraftIn(AnswersIn):
    """The same, on the way; the language is fixed when the first draft opens the assignment."""

    language = Enum(Language, by_value=True, load_default=None, allow_none=True)


class ExtraIn(Strict):
    """What the patient wants to begin by herself, by the protocol's name for it."""

    event = line(32, 1, required=True)
    language = Enum(Language, by_value=True, load_default=None, allow_none=True)


class KeyIn(Strict):
    """The name of a submission: sent again under the same key it is stored once."""

    idempotency_key = String(required=True, data_key="Idempotency-Key", validate=Regexp(KEY))


class ResolutionIn(Strict):
    """What was done about an alert."""

    resolution = Enum(Resolution, by_value=True, required=True)
    note = text(2000, required=True)


class PageIn(Strict):
    """Which part of a list."""

    page = digits(1, 10_000, load_default=1)
    size = digits(1, 100, load_default=50)


class PatientIn(Strict):
    """A patient to enrol; who she is goes in here and does not come out of the API."""

    name = line(200, 1, required=True)
    hospital_number = line(200, 1, required=True)
    trial_number = line(64, 1, load_default=None, allow_none=True)
    birth_year = whole(1900, 2100, required=True)
    sex = Enum(Sex, by_value=True, required=True)
    language = Enum(Language, by_value=True, required=True)
    consent = Date(required=True)
    contact_kind = Enum(ContactKind, by_value=True, required=True)
    address = line(200, 1, required=True)
    stoma = Flag(load_default=False)
    rectal_primary = Flag(load_default=False)
    primary_in_situ = Flag(load_default=False)
    anticoagulant = Flag(load_default=False)


class PreviewIn(Strict):
    """With `preview=1` nothing changes, and what would change comes back."""

    preview = digits(0, 1, load_default=0)


class AmendmentIn(Strict):
    """What every change of a history carries: the revision it was made on, and a reason where one is needed."""

    revision = whole(required=True)
    reason = line(500, load_default="")


class MilestoneIn(AmendmentIn):
    """A dated fact; without a date it is taken back. Randomisation carries its arm."""

    kind = line(32, 1, required=True)
    on = Date(required=True, allow_none=True)
    number = whole(1, 99, load_default=1)
    arm = line(8, 1, load_default=None, allow_none=True)

    @validates_schema
    def arm_with_randomisation(self, data: Mapping[str, Any], **_: Any) -> None:
        if (data["kind"] == RANDOMISATION and data["on"] is not None) != (data["arm"] is not None):
            raise ValidationError("Randomisation has an arm, and nothing else has.", "arm")


class CycleIn(AmendmentIn):
    """One cycle of one component as it is now known."""

    component = line(16, 1, required=True)
    number = whole(1, 999, required=True)
    planned = Date(load_default=None, allow_none=True)
    day_1 = Date(load_default=None, allow_none=True)
    status = Enum(CycleStatus, by_value=True, load_default=CycleStatus.PLANNED)
    drugs = List(line(32, 1), load_default=list, validate=Length(0, 10))
    dose_percent = whole(0, 200, load_default=None, allow_none=True)


class ComponentIn(AmendmentIn):
    """A component's regimen, or the date of its last dose."""

    regimen = line(32, 1)
    last_dose = Date()

    @validates_schema
    def one_of_both(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("regimen" in data) == ("last_dose" in data):
            raise ValidationError("Send either regimen or last_dose.")
