"""What a patient is asked, pack by pack: the questionnaires of one sitting are one entry, in one
state."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask_babel import gettext as _

from proms.content import Library
from proms.db.tables import Assignment
from proms.domain.protocol import Protocol
from proms.domain.schedule import AssignmentState, gives_way
from proms.web.locale import language, short_day
from proms.web.staff.labels.evidence import event_title
from proms.web.staff.labels.moments import moment_in_words
from proms.web.staff.labels.vocabulary import ASSIGNMENTS

OVER = (AssignmentState.ANSWERED, AssignmentState.MISSED)
# Of the states of its questionnaires a pack shows the first of these that one of them has.
STATES_BY_WEIGHT = (
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
    moment: str  # which of its kind it is, in words
    opens: date
    due: date
    closes: date
    # A questionnaire's short title, and how it stands.
    parts: tuple[tuple[str, AssignmentState], ...]
    gave_way: bool = False  # begun, not sent, and the next is asked instead

    @property
    def state(self) -> AssignmentState:
        """The state of the whole: begun as soon as something of it is, missed when something of it
        was."""
        states = self._states
        if any(state.begun for state in states) and any(state.outstanding for state in states):
            return AssignmentState.STARTED
        return next(state for state in STATES_BY_WEIGHT if state in states)

    @property
    def _states(self) -> frozenset[AssignmentState]:
        return frozenset(state for _title, state in self.parts)

    @property
    def state_text(self) -> str:
        """The state in words, questionnaire by questionnaire where they differ."""
        if self.gave_way:
            return _("started, gave way to the next one")
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
    def code(self) -> str:
        """What a data manager calls it."""
        if self.number > 1:
            return f"{self.event} · {self.number}"
        return self.event

    @property
    def instruments(self) -> str:
        """Its questionnaires; nothing where the title says it."""
        titles = ", ".join(title for title, _state in self.parts)
        if titles == self.title:
            return ""
        return titles

    @property
    def in_full(self) -> str:
        return _(
            "%(event)s, %(state)s, open from %(opens)s to %(closes)s",
            event=self.moment,
            state=self.state_text,
            opens=short_day(self.opens),
            closes=short_day(self.closes),
        )

    def open_on(self, today: date) -> bool:
        return self.state.outstanding and self.opens <= today <= self.closes


def packs_of(
    library: Library, protocol: Protocol, asked: Sequence[Assignment], now: datetime
) -> tuple[CalendarPack, ...]:
    """These assignments as packs, in the order they came in; what was taken back stands apart from
    what is asked."""
    together: dict[tuple[str, int, date, date, date, bool], list[Assignment]] = defaultdict(list)
    for assignment in asked:
        window = (assignment.opens, assignment.due, assignment.closes)
        cancelled = assignment.state == AssignmentState.CANCELLED
        together[assignment.event, assignment.number, *window, cancelled].append(assignment)
    return tuple(
        replace(
            _pack(library, protocol, assignments),
            gave_way=all(gives_way(protocol, each, asked, now) for each in assignments),
        )
        for assignments in together.values()
    )


def _pack(library: Library, protocol: Protocol, assignments: Sequence[Assignment]) -> CalendarPack:
    first = assignments[0]  # they share event, number and window
    return CalendarPack(
        event=first.event,
        number=first.number,
        title=event_title(library, protocol, first.event),
        moment=moment_in_words(protocol, first.event, first.number),
        opens=first.opens,
        due=first.due,
        closes=first.closes,
        parts=_parts(library, protocol, assignments),
    )


def _parts(
    library: Library, protocol: Protocol, assignments: Sequence[Assignment]
) -> tuple[tuple[str, AssignmentState], ...]:
    """The questionnaires in the order in which the protocol asks them."""
    places: dict[str, int] = {}
    for event in protocol.events:
        for instrument in event.instruments:
            places.setdefault(instrument, len(places))
    in_order = sorted(
        assignments,
        # What no event asks, a questionnaire the patient opens herself, comes last.
        key=lambda assignment: places.get(assignment.instrument, len(places)),
    )
    return tuple(
        (
            library.wording(assignment.instrument, language()).short_title,
            AssignmentState(assignment.state),
        )
        for assignment in in_order
    )
