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
from proms.domain.instrument import Instrument, Item, ItemKind, Place, Value, Wording
from proms.domain.response import Document, answers_of, missing_of
from proms.web import request_context
from proms.web.locale import LANGUAGES
from proms.web.patient.own_answers import document_of
from proms.web.patient.reported import Reported, reported


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
        missing = missing_of(self.document)
        questions = [item.code for item in self.items if item.kind is not ItemKind.TEXT]
        return sum(code in missing for code in questions)

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
        asked = [item.code for item in self.items]
        return {code: self.document[code] for code in asked if code in self.document}

    @property
    def alarming(self) -> set[str]:
        """The red rules these answers meet; a rule that crashed is for the nurse, not for the
        patient."""
        if self.evaluated.failed:
            return set()
        return {breach.rule for breach in self.evaluated.breaches if breach.urgency is Urgency.RED}

    @property
    def reported(self) -> list[Reported]:
        """The answers that cannot wait, in her words."""
        return reported(self.evaluated.breaches, self.instrument, self.wording)

    @property
    def other_languages(self) -> list[str]:
        """The languages in which it may still be begun: none once it holds an answer, given on
        whatever device."""
        if self.draft.document:
            return []
        library, code = request_context.library(), self.instrument.code
        return [
            each for each in LANGUAGES if each != self.draft.language and library.offers(code, each)
        ]

    @property
    def follow_ups(self) -> list[Item]:
        """What is asked beside the number to call, of answers that cannot wait."""
        return [item for item in self.items if item.place is Place.CALL]

    def question(self, item: Item) -> str:
        """The words of an item; where it asks about answers of hers, they are named."""
        things = [thing for each in self.reported for thing in each.things]
        names = ", ".join(each.named for each in self.reported)
        return self.wording.question_about(item, things, names)

    def number(self, item: Item) -> int:
        """The place of an item among those asked, from 1."""
        return self.items.index(item) + 1

    def beside(self, item: Item, step: int) -> Item | None:
        """The item so many places on, or None beyond either end."""
        place = self.items.index(item) + step
        if 0 <= place < len(self.items):
            return self.items[place]
        return None

    def item(self, code: str) -> Item:
        """An item that is asked of this patient now; raises NotFound."""
        for item in self.items:
            if item.code == code:
                return item
        raise NotFound("This question is not asked.")


def laid_out(sitting: Sitting) -> OpenQuestionnaire:
    """The questionnaire to fill in; raises the refusal that says why it cannot be."""
    return lay_out(sitting, draft_of(sitting))


def laid_out_to_send(sitting: Sitting) -> OpenQuestionnaire:
    """The questionnaire as it was filled in, also once it has been sent: a second tap on the button
    sends the same."""
    draft = sitting.session.exec(
        select(Draft).where(Draft.assignment_id == sitting.assignment.id)
    ).first()
    return lay_out(sitting, draft or draft_of(sitting))


def lay_out(sitting: Sitting, draft: Draft) -> OpenQuestionnaire:
    """A draft with its words, its rules and its questions."""
    library = sitting.library
    code = sitting.assignment.instrument
    instrument = library.instrument(code, draft.instrument_version)
    wording = library.wording(code, draft.language, draft.instrument_version, draft.wording_version)
    document = document_of(draft)
    answers = answers_of(document)
    evaluated = evaluate_answers(sitting, instrument, answers)
    return OpenQuestionnaire(
        assignment=sitting.assignment,
        draft=draft,
        instrument=instrument,
        wording=wording,
        document=document,
        evaluated=evaluated,
        items=instrument.asked(evaluated.facts, answers),
    )
