"""What a patient is asked, pack by pack: the questionnaires of one sitting are one entry, in one
state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from proms.content import Library
from proms.db.tables import Assignment
from proms.domain.protocol import Protocol
from proms.domain.schedule import AssignmentState
from proms.web.locale import language, short_day
from proms.web.staff.labels.evidence import event_title
from proms.web.staff.labels.vocabulary import ASSIGNMENTS

OVER = (AssignmentState.ANSWERED, AssignmentState.MISSED)
SOFT_HYPHEN = "\xad"  # a title may say where it breaks in a narrow cell
# Of the states of its questionnaires a pack shows the first of these that one of them has.
FIRST = (
    AssignmentState.STARTED,
    AssignmentState.PLANNED,
    AssignmentState.WAITING,
    AssignmentState.MISSED,
    AssignmentState.ANSWERED,
    AssignmentState.CANCELLED,
)
# A look is a colour and a line; the sign says the same to who sees no colour, and on paper.
LOOKS = {
    AssignmentState.ANSWERED: "done",
    AssignmentState.STARTED: "q",
    AssignmentState.PLANNED: "q",
    AssignmentState.MISSED: "ms",
    AssignmentState.WAITING: "wt",
}
SIGNS = {
    AssignmentState.ANSWERED: "✓",
    AssignmentState.STARTED: "◐",
    AssignmentState.MISSED: "✕",
    AssignmentState.WAITING: "…",
}


@dataclass(frozen=True)
class CalendarPack:
    """The questionnaires of one event and number that share a window, and how each of them
    stands."""

    event: str
    number: int
    title: str
    opens: date
    due: date
    closes: date
    parts: tuple[
        tuple[str, AssignmentState], ...
    ]  # a questionnaire's short title, and how it stands

    @property
    def state(self) -> AssignmentState:
        """The state of the whole: begun as soon as something of it is, missed when something of it
        was."""
        states = self._states
        if any(state.begun for state in states) and any(state.outstanding for state in states):
            return AssignmentState.STARTED
        return next(state for state in FIRST if state in states)

    @property
    def _states(self) -> frozenset[AssignmentState]:
        return frozenset(state for _title, state in self.parts)

    @property
    def told(self) -> str:
        """The state in words, questionnaire by questionnaire where they differ."""
        if len(self._states) == 1:
            return str(ASSIGNMENTS[self.state])
        return ", ".join(f"{title} {ASSIGNMENTS[state]}" for title, state in self.parts)

    @property
    def look(self) -> str:
        return LOOKS.get(self.state, "")

    @property
    def sign(self) -> str:
        return SIGNS.get(self.state, "")

    @property
    def named(self) -> str:
        return f"{self.event} · {self.number}" if self.number > 1 else self.event

    @property
    def instruments(self) -> str:
        """Its questionnaires; nothing where the title says it."""
        titles = ", ".join(title for title, _state in self.parts)
        return "" if titles == self.title.replace(SOFT_HYPHEN, "") else titles

    @property
    def in_full(self) -> str:
        return _(
            "%(event)s, %(state)s, open from %(opens)s to %(closes)s",
            event=self.named,
            state=self.told,
            opens=short_day(self.opens),
            closes=short_day(self.closes),
        )

    def open_on(self, today: date) -> bool:
        return self.state.outstanding and self.opens <= today <= self.closes


def packs_of(
    library: Library, protocol: Protocol, asked: Sequence[Assignment]
) -> tuple[CalendarPack, ...]:
    """These assignments as packs, in the order they came in; what was taken back stands apart from
    what is asked."""
    together: dict[tuple[str, int, date, date, date, bool], list[Assignment]] = {}
    for each in asked:
        gone = each.state == AssignmentState.CANCELLED
        together.setdefault(
            (each.event, each.number, each.opens, each.due, each.closes, gone), []
        ).append(each)
    return tuple(
        CalendarPack(
            event,
            number,
            event_title(library, protocol, event),
            opens,
            due,
            closes,
            _parts(library, protocol, rows),
        )
        for (event, number, opens, due, closes, _gone), rows in together.items()
    )


def _parts(
    library: Library, protocol: Protocol, rows: Sequence[Assignment]
) -> tuple[tuple[str, AssignmentState], ...]:
    """The questionnaires in the order in which the protocol asks them."""
    places = [each for event in protocol.events for each in event.instruments]
    in_order = sorted(
        rows,
        key=lambda row: places.index(row.instrument) if row.instrument in places else len(places),
    )
    return tuple(
        (library.wording(row.instrument, language()).short_title, AssignmentState(row.state))
        for row in in_order
    )
