"""What a condition may ask about a patient beside her answers, and the values each of these facts
can have."""

from collections.abc import Iterable, Mapping, Sequence

from proms.domain.alert import Urgency
from proms.domain.instrument import LEVEL, Fact
from proms.domain.person import FACT_VALUES
from proms.domain.protocol import Protocol, wanted

Values = Mapping[str, Sequence[Fact]]  # a range: a number, which may be compared
DAYS = range(36_525)  # whole days since something that happened in a person's lifetime
EITHER = (True, False)
PERSONAL: Values = FACT_VALUES  # of the person, whatever the treatment
TREATMENT: Values = {"on_treatment": EITHER, "infusion": EITHER}  # of any treatment
EVERYBODYS: Values = {**PERSONAL, **TREATMENT, LEVEL: tuple(Urgency)}


def known_facts(protocols: Iterable[Protocol]) -> Values | None:
    """The facts of every patient and those these protocols speak of; None where no protocol says
    which there are."""
    trials = list(protocols)
    if not trials:
        return None
    arms = tuple(arm for trial in trials for arm in trial.arms)
    of_sites = {
        code: tuple(values) for trial in trials for code, values in trial.site_facts.items()
    }
    counted = [fact for trial in trials for fact in trial.days_since]
    return {
        **EVERYBODYS,
        "arm": arms,
        **dict.fromkeys(_named_in(trials), EITHER),
        **dict.fromkeys(counted, DAYS),
        **of_sites,
    }


def _named_in(trials: list[Protocol]) -> Iterable[str]:
    """Optional items, drugs given, what stands from one milestone to another, such as a pump, and
    doses of late."""
    for trial in trials:
        yield from trial.standing
        yield from trial.doses_of_late
        for instrument, item in trial.optional_items:
            yield wanted(instrument, item)
        yield from trial.drug_codes
