"""What a patient reported that cannot wait, in the words she read: to say on the telephone, and to
ask about once more."""

from dataclasses import dataclass

from proms.domain.alert import Breach, Urgency
from proms.domain.instrument import Instrument, Item, Value, Wording


@dataclass(frozen=True)
class Reported:
    """One of her answers, with a few words for its question."""

    item: str
    label: str
    answer: str
    things: tuple[str, ...]  # the item, or with a point each of its options that was ticked

    @property
    def named(self) -> str:
        """What it is about, inside a sentence: with a bare yes the label says it all."""
        name = self.label[:1].lower() + self.label[1:]
        if " " not in self.answer:
            return name
        return f"{name} ({self.answer[:1].lower()}{self.answer[1:]})"


def reported(
    breaches: tuple[Breach, ...], instrument: Instrument, wording: Wording
) -> list[Reported]:
    """The answers that the red rules looked at and that say that something is there, in the order
    of the questions."""
    looked_at: dict[str, Value] = {}
    for breach in breaches:
        if breach.urgency is Urgency.RED:
            looked_at.update(breach.evidence)
    return [
        reported_answer(item, looked_at[item.code], wording)
        for item in instrument.items
        if item.code in looked_at and tells(item, looked_at[item.code])
    ]


def reported_answer(item: Item, value: Value, wording: Wording) -> Reported:
    """An answer in the words she read."""
    things: tuple[str, ...] = (item.code,)
    if isinstance(value, tuple):
        things = tuple(f"{item.code}.{option}" for option in value)
    return Reported(item.code, wording.label(item.code), wording.option(item.code, value), things)


def tells(item: Item, value: Value) -> bool:
    """Whether an answer says that something is there: the first of its answers says that nothing
    is."""
    if isinstance(value, tuple):
        return value != (item.none,)
    return value != item.options[0] if item.options else True
