"""An example of the file a hospital hands in: a line of each kind, in the words of a protocol."""

from collections.abc import Iterator

from proms.domain.protocol import RANDOMISATION, Protocol

COLUMNS = (
    "patient",
    "what",
    "kind",
    "number",
    "planned",
    "day_1",
    "status",
    "regimen",
    "drugs",
    "dose_percent",
    "arm",
    "date",
    "reason",
)
PATIENT = "K7N2R5X8"


def example_file(protocol: Protocol) -> str:
    """The columns, with a line of each kind about an invented patient: what the last arm is given,
    and the milestones of its own."""
    rows = [",".join(line.values()) for line in _examples(protocol)]
    return "\n".join([",".join(COLUMNS), *rows, ""])


def _examples(protocol: Protocol) -> Iterator[dict[str, str]]:
    arm = list(protocol.arms)[-1]
    component = next(iter(protocol.components))
    regimen = next(
        regimen
        for regimen in protocol.regimens.values()
        if regimen.component == component and arm in regimen.arms
    )
    yield _line("milestone", RANDOMISATION, arm=arm, date="2026-01-12")
    yield _line("regimen", regimen.code)
    own = [kind for kind in protocol.milestones.values() if kind.arms and arm in kind.arms]
    if own:
        yield _line("milestone", own[0].code, date="2026-02-02")
    yield _line(
        "cycle",
        component,
        number="1",
        planned="2026-03-02",
        day_1="2026-03-09",
        status="given",
        drugs=regimen.drugs[0],
        dose_percent="80",
    )
    yield _line("cycle", component, number="2", planned="2026-04-06", status="planned")
    repeated = [kind for kind in protocol.milestones.values() if kind.repeats]
    if repeated:
        yield _line("milestone", repeated[0].code, number="1", date="2026-05-04")
    yield _line("stop", component, date="2026-08-01")


def _line(what: str, kind: str, **cells: str) -> dict[str, str]:
    return {**dict.fromkeys(COLUMNS, ""), "patient": PATIENT, "what": what, "kind": kind, **cells}
