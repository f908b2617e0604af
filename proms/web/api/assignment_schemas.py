"""The forms of assignments, drafts and responses. A stored record's form takes its types from the
table."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, validates_schema
from marshmallow.fields import (
    AwareDateTime,
    Boolean,
    Dict,
    Enum,
    Integer,
    List,
    Nested,
    Raw,
    String,
)
from marshmallow.validate import OneOf

from proms.domain.instrument import ItemKind
from proms.domain.person import Language
from proms.domain.plain_text import KEY
from proms.domain.response import MissingReason
from proms.domain.schedule import AssignmentState
from proms.web.api.fields import Strict, Written, line, word
from proms.web.api.schemas import RefusedOut

# That an item was not asked is worked out, never sent.
GIVEN_REASONS = [reason.value for reason in MissingReason if reason is not MissingReason.NOT_ASKED]
ANSWERS = {"allOf": [{"$ref": "#/components/schemas/Answers"}]}


class AnswersIn(Strict):
    """Answers by item, and why others have none; `form` names the words that were read, as the
    questions came with it."""

    form = line(64, 1)
    answers = Dict(keys=String(), values=Raw(allow_none=True), required=True, metadata=ANSWERS)
    missing = Dict(keys=String(), values=String(validate=OneOf(GIVEN_REASONS)), load_default=dict)

    @validates_schema
    def not_both(self, data: Mapping[str, Any], **_: Any) -> None:
        both = sorted(set(data["answers"]) & set(data["missing"]))
        if both:
            raise ValidationError(
                {code: ["Has an answer, and is said to have none."] for code in both}, "missing"
            )


class DraftIn(AnswersIn):
    """The same, on the way; the language is fixed when the first draft opens the assignment."""

    language = Enum(Language, by_value=True, load_default=None, allow_none=True)


class ExtraIn(Strict):
    """What the patient wants to begin by herself, by the protocol's name for it."""

    event = line(32, 1, required=True)
    language = Enum(Language, by_value=True, load_default=None, allow_none=True)


class KeyIn(Strict):
    """The name of a submission: sent again under the same key it is stored once."""

    idempotency_key = String(
        required=True,
        data_key="Idempotency-Key",
        validate=Written(KEY, "Not 1 to 64 letters, digits or other signs without blanks."),
    )


class AnsweredOut(RefusedOut):
    """The same; when these questions were answered before, with the receipt that was given for
    it."""

    submitted_at = String()
    receipt = String()


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
    """A question that is asked if its condition holds, for a device that is offline and decides by
    itself."""

    asked_if = Dict(required=True, allow_none=True)
    variants = List(Nested(VariantOut), required=True)


class DraftOut(Schema):
    """A draft that is held; never its answers, for a link may be opened on a shared phone."""

    language = word(Language, required=True)
    opened_at = AwareDateTime(required=True)
    saved_at = AwareDateTime(required=True)


class FormOut(AssignmentOut):
    """A questionnaire to fill in: what is asked, in the order and the words to show.

    `form` names these words; sent back with the answers it says that they were read.
    """

    form = String(required=True)
    instrument_version = String(required=True)
    wording_version = String(required=True)
    language = word(Language, required=True)
    head = String(required=True)
    recall = String(required=True)
    safety_line = String(required=True)
    banner = String(required=True, allow_none=True)
    items = List(Nested(ItemOut), required=True)
    every_item = List(Nested(PossibleItemOut), required=True)
    facts = Dict(
        required=True, metadata={"description": "What the conditions may ask about the patient"}
    )
    draft = Nested(DraftOut, required=True, allow_none=True)
    urgent = Boolean(required=True)
    advice = List(String(), required=True)
