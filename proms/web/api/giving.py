"""What each route gives; a stored record's form names fields and takes their types from the table."""

from marshmallow import Schema
from marshmallow.fields import AwareDateTime, Boolean, Date, Dict, Integer, List, Nested, Raw, String
from marshmallow_sqlalchemy import SQLAlchemyAutoSchema

from proms.actions.audit import ActorKind
from proms.db.tables import Alert, CycleVersion, MilestoneVersion, Patient
from proms.domain.alert.record import AlertState, Resolution
from proms.domain.instrument import ItemKind
from proms.domain.person import Language, PatientStatus, Role, Sex
from proms.domain.schedule import AssignmentState, CycleStatus
from proms.domain.schedule.change_summary import ChangeKind
from proms.web.api.fields import word


class RefusedOut(Schema):
    """Why not: a code that stays the same, a sentence for people, and what is wrong with which field."""

    code = String(required=True)
    message = String(required=True)
    errors = Dict(keys=String(), values=Raw())


class AnsweredOut(RefusedOut):
    """The same; when these questions were answered before, with the receipt that was given for it."""

    submitted_at = String()
    receipt = String()


class SessionOut(Schema):
    """The bearer token, whom it stands for, and until when at most."""

    token = String(required=True)
    kind = word(ActorKind, required=True)
    role = word(Role, required=True, allow_none=True)
    language = word(Language, required=True)
    expires_at = AwareDateTime(required=True)


class ReceiptOut(Schema):
    """Proof that answers are stored, and what the patient is told at once."""

    receipt = String(required=True)
    submitted_at = AwareDateTime(required=True)
    urgent = Boolean(required=True)
    advice = List(String(), required=True)


class AssignmentOut(Schema):
    """One questionnaire a patient is asked; `pack` is the same for those that make one sitting."""

    id = Integer(required=True)
    pack = String(required=True)
    instrument = String(required=True)
    title = String(required=True)
    minutes = Integer(required=True)
    state = word(AssignmentState, required=True)
    opens_at = AwareDateTime(required=True)
    closes_at = AwareDateTime(required=True)
    submitted_at = AwareDateTime(required=True, allow_none=True)


class AssignmentsOut(Schema):
    """What may be answered now, what comes, and what was answered."""

    open = List(Nested(AssignmentOut), required=True)
    upcoming = List(Nested(AssignmentOut), required=True)
    done = List(Nested(AssignmentOut), required=True)


class OptionOut(Schema):
    """An answer an item offers: the value to send, the words to show."""

    value = Raw(required=True)
    text = String(required=True)


class ItemOut(Schema):
    """A question with the period it asks about, if it has one; no text is trimmed or changed.

    A `safety` one is asked once more when it is left out, `none` goes with no other option.
    """

    code = String(required=True)
    kind = word(ItemKind, required=True)
    text = String(required=True)
    recall = String(required=True)
    hint = String(required=True, allow_none=True)
    options = List(Nested(OptionOut), required=True)
    range = List(Integer(), required=True, allow_none=True)
    none = String(required=True, allow_none=True)
    safety = Boolean(required=True)


class VariantOut(Schema):
    """One way to word an item, and when; the last, without a condition, is for all other cases."""

    code = String(required=True)
    when = Dict(required=True, allow_none=True)
    text = String(required=True)


class PossibleItemOut(ItemOut):
    """A question that is asked if its condition holds, for a device that is offline and decides by itself."""

    asked_if = Dict(required=True, allow_none=True)
    variants = List(Nested(VariantOut), required=True)


class DraftOut(Schema):
    """A draft that is held; never its answers, for a link may be opened on a shared phone."""

    language = word(Language, required=True)
    opened_at = AwareDateTime(required=True)
    saved_at = AwareDateTime(required=True)


class FormOut(AssignmentOut):
    """A questionnaire to fill in: what is asked, in the order and the words to show."""

    instrument_version = String(required=True)
    wording_version = String(required=True)
    language = word(Language, required=True)
    head = String(required=True)
    recall = String(required=True)
    safety_line = String(required=True)
    banner = String(required=True, allow_none=True)
    items = List(Nested(ItemOut), required=True)
    every_item = List(Nested(PossibleItemOut), required=True)
    facts = Dict(required=True, metadata={"description": "What the conditions may ask about the patient"})
    draft = Nested(DraftOut, required=True, allow_none=True)
    urgent = Boolean(required=True)
    advice = List(String(), required=True)


class AlertOut(SQLAlchemyAutoSchema):
    """An alert on record."""

    class Meta:
        model = Alert
        fields = (
            "id", "rule", "urgency", "state", "raised_at", "clock_from", "acknowledged_at", "resolved_at", "resolution",
        )  # fmt: skip

    state = word(AlertState)
    resolution = word(Resolution, allow_none=True)


class EvidenceOut(Schema):
    """An answer that met the rule, as it was given."""

    item = String(required=True)
    value = Raw(required=True)


class WaitingOut(Schema):
    """An alert that waits for a nurse, with whose it is and the answers of its latest occurrence."""

    alert = Nested(AlertOut, required=True)
    patient = String(required=True)
    instrument = String(required=True, allow_none=True)
    evidence = List(Nested(EvidenceOut), required=True)
    tags = List(String(), required=True)
    times = Integer(required=True)


class PageOut(Schema):
    """Which part of how long a list this is."""

    page = Integer(required=True)
    size = Integer(required=True)
    total = Integer(required=True)


class WorklistOut(PageOut):
    alerts = List(Nested(WaitingOut), required=True)


class PatientOut(SQLAlchemyAutoSchema):
    """A patient by study code; `revision` counts the changes of her history."""

    class Meta:
        model = Patient
        fields = (
            "code", "status", "arm", "birth_year", "sex", "stoma", "rectal_primary", "primary_in_situ", "anticoagulant",
            "language",
            "paused_until", "revision", "enrolled_at",
        )  # fmt: skip

    status = word(PatientStatus)
    sex = word(Sex)
    language = word(Language)


class PatientsOut(PageOut):
    patients = List(Nested(PatientOut), required=True)


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
            "component", "number", "planned", "day_1", "status", "drugs", "dose_percent", "version", "reason",
            "recorded_at",
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
    """A pack that changes: its window as it was (none: it is new) and as it becomes (none: it is cancelled)."""

    kind = word(ChangeKind, required=True)
    event = String(required=True)
    number = Integer(required=True)
    was = Nested(WindowOut, required=True, allow_none=True)
    becomes = Nested(WindowOut, required=True, allow_none=True)


class ChangesOut(Schema):
    """What a change of the history does to the plan; `doubt` is what may only be saved with a reason."""

    revision = Integer(required=True)
    changes = List(Nested(ChangeOut), required=True)
    doubt = Nested(RefusedOut, required=True, allow_none=True)
