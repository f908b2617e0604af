"""A questionnaire on its way, laid out for this browser: what is asked, what it has answered, where
it stands."""

from dataclasses import dataclass
from functools import cached_property

from sqlmodel import select

from proms.actions.drafts import Sitting, draft_of
from proms.actions.evaluations import Evaluated, evaluate_answers
from proms.actions.refusals import NotFound
from proms.db.tables import Assignment, Draft
from proms.domain.alert import Urgency
from proms.domain.instrument import Instrument, Item, ItemKind, Value, Wording
from proms.domain.response import Document, answers_of, missing_of
from proms.web.patient.own_answers import document_of


@dataclass(frozen=True)
class OpenQuestionnaire:
    """One assignment that was opened, as this browser may see it."""

    assignment: Assignment
    draft: Draft
    instrument: Instrument
    wording: Wording
    document: Document
    evaluated: Evaluated
    items: tuple[Item, ...]

    @cached_property
    def answers(self) -> dict[str, Value]:
        return answers_of(self.document)

    @property
    def left_open(self) -> int:
        """How many questions were left out on purpose; the free line at the end is no question."""
        return sum(
            1
            for item in self.items
            if item.code in missing_of(self.document) and item.kind is not ItemKind.TEXT
        )

    @cached_property
    def untouched(self) -> list[Item]:
        """The items asked that were neither answered nor left out on purpose."""
        return [item for item in self.items if item.code not in self.document]

    @property
    def touched(self) -> int:
        return len(self.items) - len(self.untouched)

    @property
    def submittable(self) -> Document:
        """What the review page shows: an answer to a question that is not asked any more is left
        behind."""
        return {
            item.code: self.document[item.code] for item in self.items if item.code in self.document
        }

    @property
    def alarming(self) -> set[str]:
        """The red rules these answers meet; a rule that crashed is for the nurse, not for the
        patient."""
        if self.evaluated.failed:
            return set()
        return {breach.rule for breach in self.evaluated.breaches if breach.urgency is Urgency.RED}

    def number(self, item: Item) -> int:
        """The place of an item among those asked, from 1."""
        return self.items.index(item) + 1

    def beside(self, item: Item, step: int) -> Item | None:
        """The item so many places on, or None beyond either end."""
        place = self.items.index(item) + step
        return self.items[place] if 0 <= place < len(self.items) else None

    def item(self, code: str) -> Item:
        """An item that is asked of this patient now; raises NotFound."""
        found = next((item for item in self.items if item.code == code), None)
        if found is None:
            raise NotFound("This question is not asked.")
        return found


def laid_out(sitting: Sitting) -> OpenQuestionnaire:
    """The sheet to fill in; raises the refusal that says why it cannot be."""
    return lay_out(sitting, draft_of(sitting))


def laid_out_to_send(sitting: Sitting) -> OpenQuestionnaire:
    """The sheet as it was filled in, also once it has been sent: a second tap on the button sends
    the same."""
    draft = sitting.session.exec(
        select(Draft).where(Draft.assignment_id == sitting.assignment.id)
    ).first()
    return lay_out(sitting, draft or draft_of(sitting))


def lay_out(sitting: Sitting, draft: Draft) -> OpenQuestionnaire:
    """A draft with its words, its rules and its questions."""
    library, code = sitting.library, sitting.assignment.instrument
    instrument = library.instrument(code, draft.instrument_version)
    document = document_of(draft)
    answers = answers_of(document)
    evaluated = evaluate_answers(sitting, instrument, answers)
    return OpenQuestionnaire(
        assignment=sitting.assignment,
        draft=draft,
        instrument=instrument,
        wording=library.wording(
            code, draft.language, draft.instrument_version, draft.wording_version
        ),
        document=document,
        evaluated=evaluated,
        items=instrument.asked(evaluated.facts, answers),
    )
