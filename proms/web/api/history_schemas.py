"""The forms of milestones, cycles and components, and of what a change of them does to the plan."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, validates_schema
from marshmallow.fields import Boolean, Date, Dict, Enum, Field, Integer, List, Nested, String
from marshmallow.validate import Length
from marshmallow_sqlalchemy import SQLAlchemyAutoSchema

from proms.db.tables import CycleVersion, FactVersion, MilestoneVersion
from proms.domain.plain_text import LONGEST_REASON
from proms.domain.protocol import RANDOMISATION
from proms.domain.schedule import CycleStatus
from proms.domain.schedule.change_summary import ChangeKind
from proms.web.api.fields import Strict, digits, line, text, whole, word
from proms.web.api.schemas import RefusedOut

LONGEST_WORD = 32


class PreviewIn(Strict):
    """With `preview=1` nothing changes, and what would change comes back."""

    preview = digits(0, 1, load_default=0)


class EntryIn(Strict):
    """What every change of a history carries: the revision it was made on, and a reason where one
    is needed."""

    revision = whole(required=True)
    reason = text(LONGEST_REASON, load_default="")


class MilestoneIn(EntryIn):
    """A dated fact; without a date it is taken back. Randomisation carries its arm."""

    kind = line(32, 1, required=True)
    on = Date(required=True, allow_none=True)
    number = whole(1, 99, load_default=1)
    arm = line(8, 1, load_default=None, allow_none=True)

    @validates_schema
    def arm_with_randomisation(self, data: Mapping[str, Any], **_: Any) -> None:
        randomised = data["kind"] == RANDOMISATION and data["on"] is not None
        if randomised != (data["arm"] is not None):
            raise ValidationError("Randomisation has an arm, and nothing else has.", "arm")


class CycleIn(EntryIn):
    """One cycle of one component as it is now known; without a regimen, that on record of it, else
    that of its component."""

    component = line(16, 1, required=True)
    number = whole(1, 999, required=True)
    planned = Date(load_default=None, allow_none=True)
    day_1 = Date(load_default=None, allow_none=True)
    status = Enum(CycleStatus, by_value=True, load_default=CycleStatus.PLANNED)
    drugs = List(line(32, 1), load_default=list, validate=Length(0, 10))
    dose_percent = whole(0, 200, load_default=None, allow_none=True)
    regimen = line(32, 1, load_default=None, allow_none=True)

    @validates_schema
    def regimen_once_given(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["regimen"] is not None and data["status"] is CycleStatus.PLANNED:
            raise ValidationError("A planned cycle has the regimen of its component.", "regimen")


class ComponentIn(EntryIn):
    """A component's regimen, or the date of its last dose: null where it did not stop after
    all."""

    regimen = line(32, 1)
    last_dose = Date(allow_none=True)

    @validates_schema
    def one_of_both(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("regimen" in data) == ("last_dose" in data):
            raise ValidationError("Send either regimen or last_dose.")


class FactValue(Field[Any]):
    """True or false, or a word; which one a fact can have is for the history to say."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bool | str:
        if isinstance(value, bool) or (isinstance(value, str) and len(value) <= LONGEST_WORD):
            return value
        raise ValidationError("Neither true or false nor a word.")


class FactIn(EntryIn):
    """What a fact about the patient is from a day on; without a day a change is taken back. Number
    1 holds from the beginning, whatever its day."""

    value = FactValue(required=True, allow_none=True)
    since = Date(required=True, allow_none=True)


class FactOut(SQLAlchemyAutoSchema):
    """One value of a fact, in the version that holds."""

    class Meta:
        model = FactVersion
        fields = ("fact", "number", "since", "value", "version", "reason", "recorded_at")

    value = FactValue()


class FactsOut(Schema):
    """`today` is what is so today, by fact; `facts` every value, with the day it holds from."""

    revision = Integer(required=True)
    today = Dict(keys=String(), values=FactValue(), required=True)
    facts = List(Nested(FactOut), required=True)


class MilestoneOut(SQLAlchemyAutoSchema):
    """A milestone in the version that holds."""

    class Meta:
        model = MilestoneVersion
        fields = ("kind", "number", "on", "arm", "version", "reason", "recorded_at")

    arm = String(attribute="detail", allow_none=True)


class MilestonesOut(Schema):
    revision = Integer(required=True)
    milestones = List(Nested(MilestoneOut), required=True)


class CycleOut(SQLAlchemyAutoSchema):
    """A cycle in the version that holds."""

    class Meta:
        model = CycleVersion
        fields = (
            "component", "number", "planned", "day_1", "status", "regimen", "drugs", "dose_percent",
            "version", "reason", "recorded_at",
        )  # fmt: skip

    status = word(CycleStatus)
    drugs = List(String())


class CyclesOut(Schema):
    revision = Integer(required=True)
    cycles = List(Nested(CycleOut), required=True)


class WindowOut(Schema):
    """Site dates: opens on the first, closes at the end of the last."""

    opens = Date(required=True)
    due = Date(required=True)
    closes = Date(required=True)


class ChangeOut(Schema):
    """A pack that changes: its window as it was (none: it is new) and as it becomes (none: it is
    cancelled)."""

    kind = word(ChangeKind, required=True)
    event = String(required=True)
    number = Integer(required=True)
    was = Nested(WindowOut, required=True, allow_none=True)
    becomes = Nested(WindowOut, required=True, allow_none=True)


class ChangesOut(Schema):
    """What a change of the history does to the plan; `doubts` is all that is odd about it. That and
    a correction are saved only with a reason, and one reason stands for all of it."""

    revision = Integer(required=True)
    changes = List(Nested(ChangeOut), required=True)
    doubts = List(Nested(RefusedOut), required=True)
    reason_needed = Boolean(required=True)
