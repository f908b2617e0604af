"""What can be wrong in a table, each with a code; its English sentence, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from proms.domain.schedule.history_errors import UnsoundHistory

_l = str  # marks a sentence for the catalogue; a page says it in the reader's language


class FaultCode(StrEnum):
    """What is wrong with a file, a line or a cell."""

    NOT_UTF8 = "not_utf8"
    NOT_CSV = "not_csv"
    STRAY_QUOTE = "stray_quote"
    UNKNOWN_COLUMN = "unknown_column"
    COLUMN_TWICE = "column_twice"
    COLUMN_MISSING = "column_missing"
    CELL_COUNT = "cell_count"
    NEEDED = "needed"
    NOT_USED = "not_used"
    NOT_A_WORD = "not_a_word"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DATE = "not_a_date"
    TWO_DATES = "two_dates"
    TOO_LONG = "too_long"
    STRANGE_CHARACTER = "strange_character"
    UNKNOWN_PATIENT = "unknown_patient"
    MANY_PATIENTS = "many_patients"
    OTHER_ZEROS = "other_zeros"
    UNKNOWN_MILESTONE = "unknown_milestone"
    UNKNOWN_ARM = "unknown_arm"
    UNKNOWN_COMPONENT = "unknown_component"
    UNKNOWN_REGIMEN = "unknown_regimen"
    UNKNOWN_DRUG = "unknown_drug"
    NO_REGIMEN = "no_regimen"
    REGIMEN_OF_PLANNED = "regimen_of_planned"
    HAPPENS_ONCE = "happens_once"
    NO_RANDOMISATION = "no_randomisation"
    CONTRADICTION = "contradiction"
    CHANGE_UNEXPLAINED = "change_unexplained"
    SKIP_UNEXPLAINED = "skip_unexplained"


# A file of which this is wrong has no lines that could be taken without the others.
OF_FILE = frozenset(
    {
        FaultCode.NOT_UTF8,
        FaultCode.NOT_CSV,
        FaultCode.STRAY_QUOTE,
        FaultCode.UNKNOWN_COLUMN,
        FaultCode.COLUMN_TWICE,
        FaultCode.COLUMN_MISSING,
    }
)

# A sentence never repeats a cell: where columns have shifted it may hold a name.
SENTENCES: Mapping[FaultCode, str] = {
    FaultCode.NOT_UTF8: _l("This is not UTF-8 text. Save the file as CSV UTF-8."),
    FaultCode.NOT_CSV: _l("This is not a CSV file."),
    FaultCode.STRAY_QUOTE: _l(
        "From this row on the file is not valid CSV. Look for a stray quotation mark."
    ),
    FaultCode.UNKNOWN_COLUMN: _l(
        "The first row has a column that is not known. Known columns: %(known)s."
    ),
    FaultCode.COLUMN_TWICE: _l("This column stands in the file twice."),
    FaultCode.COLUMN_MISSING: _l("This column is missing."),
    FaultCode.CELL_COUNT: _l(
        "This row has another number of cells than the first row: %(cells)s, not %(columns)s."
    ),
    FaultCode.NEEDED: _l("This is needed here."),
    FaultCode.NOT_USED: _l("Leave this empty in a row of this kind."),
    FaultCode.NOT_A_WORD: _l("Write one of these words: %(known)s."),
    FaultCode.NOT_A_NUMBER: _l("Write a whole number from %(lowest)s to %(highest)s."),
    FaultCode.NOT_A_DATE: _l("This is not a date such as 2026-12-31."),
    FaultCode.TWO_DATES: _l(
        "This may be one of two dates: write 2026-12-31, "
        "or say that dates in the file begin with the day."
    ),
    FaultCode.TOO_LONG: _l("This is longer than %(longest)s characters."),
    FaultCode.STRANGE_CHARACTER: _l(
        "There is a character in this that cannot be saved. Type it again."
    ),
    FaultCode.UNKNOWN_PATIENT: _l("No patient of this hospital has this code or number."),
    FaultCode.MANY_PATIENTS: _l("More than one patient of this hospital has this number."),
    FaultCode.OTHER_ZEROS: _l(
        "Patient %(code)s has this number with other leading zeros. "
        "If it is the same patient, give the reason in this row."
    ),
    FaultCode.UNKNOWN_MILESTONE: _l("This is not a milestone of the protocol: %(known)s."),
    FaultCode.UNKNOWN_ARM: _l("Write the arm of the protocol: %(known)s."),
    FaultCode.UNKNOWN_COMPONENT: _l("This is not a part of the treatment: %(known)s."),
    FaultCode.UNKNOWN_REGIMEN: _l("This is not a regimen of the protocol: %(known)s."),
    FaultCode.UNKNOWN_DRUG: _l("Not every drug is in the protocol. Known drugs: %(known)s."),
    FaultCode.NO_REGIMEN: _l("This part of the treatment has no regimen yet: add a row for it."),
    FaultCode.REGIMEN_OF_PLANNED: _l(
        "Only a cycle that was given or skipped has a regimen of its own: leave this empty."
    ),
    FaultCode.HAPPENS_ONCE: _l("This happens only once: leave the number empty."),
    FaultCode.NO_RANDOMISATION: _l("Only a randomisation has an arm: leave this empty."),
    FaultCode.CONTRADICTION: _l(
        "This does not agree with row %(first)s, which is about the same thing."
    ),
    FaultCode.CHANGE_UNEXPLAINED: _l("This changes what is on record: give the reason."),
    FaultCode.SKIP_UNEXPLAINED: _l("A skipped cycle needs the reason why."),
}


@dataclass(frozen=True)
class Fault:
    """What is wrong in a table and where: a code and the values its sentence speaks of, or what the
    protocol has against the history the rows lead to. As text it is English, for the command
    line."""

    line: int
    column: str
    problem: FaultCode | UnsoundHistory
    slots: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        place = f"line {self.line}"
        if self.column:
            place += f", column {self.column}"
        if isinstance(self.problem, FaultCode):
            return f"{place}: {SENTENCES[self.problem] % self.slots}"
        if self.problem.may_confirm:
            return f"{place}: {self.problem}; if it is so, give the reason in this row"
        return f"{place}: {self.problem}"
