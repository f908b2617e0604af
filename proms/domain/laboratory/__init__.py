"""Laboratory values: what may be entered, and what is worked out of them. No advice on any dose."""

from proms.domain.laboratory.course import Reading, read_course, read_courses, reference_days
from proms.domain.laboratory.entry import (
    LabEntry,
    Limits,
    UnfitField,
    limits_of,
    read_amount,
    unfit_fields,
)
from proms.domain.laboratory.fault import SENTENCES, ValueFault
from proms.domain.laboratory.panel import Bound, LabTest, Panel
from proms.domain.laboratory.value import LabValue

__all__ = [
    "SENTENCES",
    "Bound",
    "LabEntry",
    "LabTest",
    "LabValue",
    "Limits",
    "Panel",
    "Reading",
    "UnfitField",
    "ValueFault",
    "limits_of",
    "read_amount",
    "read_course",
    "read_courses",
    "reference_days",
    "unfit_fields",
]
