"""What was closed, act by act: the alerts of a patient that one person closed together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from proms.db.tables import AlertNote
from proms.domain.alert import Urgency
from proms.web.staff.labels.evidence import AlertEvidence, Chip
from proms.web.staff.worklist.lines import SaidBy, said_of


@dataclass(frozen=True)
class ClosedAct:
    """Alerts that were closed together, the most urgent first, and what others wrote of them."""

    alerts: tuple[AlertEvidence, ...]
    notes: tuple[SaidBy, ...]

    @property
    def urgency(self) -> Urgency:
        return self.alerts[0].met.urgency

    @property
    def chips(self) -> list[Chip]:
        answers = dict.fromkeys(chip for alert in self.alerts for chip in alert.chips)
        strong = [chip for chip in answers if chip.strength]
        return sorted(strong or answers, key=lambda chip: -chip.strength)


def closed_acts(
    closed: Sequence[AlertEvidence],
    notes: Mapping[int, Sequence[AlertNote]],
    names: Mapping[int, str],
) -> list[ClosedAct]:
    """The acts of closing, the latest first."""
    acts = []
    for (_at, patient_id), together in groupby(sorted(closed, key=_act, reverse=True), key=_act):
        alerts = sorted(together, key=lambda told: (told.met.urgency.rank, told.met.alert.rule))
        ids = {told.met.alert.id for told in alerts}
        beside = said_of(ids, notes.get(patient_id, []), names)
        acts.append(ClosedAct(tuple(alerts), beside))
    return acts


def _act(told: AlertEvidence) -> tuple[datetime, int]:
    alert = told.met.alert
    return alert.resolved_at or alert.raised_at, alert.patient_id
