"""What the computer checks of itself, and warns its operator of: only ever appended to."""

from datetime import date, datetime

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


class ScoreCheck(SQLModel, table=True):
    """A night whose sample of scores was worked out again: a worker that cannot add the row leaves
    it alone."""

    __tablename__ = "score_check"

    night: date = Field(primary_key=True)
    checked_at: datetime


class OperatorWarning(SQLModel, table=True):
    """What is wrong, how often and in which responses; stays until an operator closes it."""

    __tablename__ = "operator_warning"

    id: int = Field(default=None, primary_key=True)
    what: str = Field(max_length=32)
    raised_at: datetime
    count: int
    responses: list[int] = Field(default_factory=list, sa_type=JSON)


class WarningClosed(SQLModel, table=True):
    """That a warning was dealt with, and how."""

    __tablename__ = "warning_closed"

    warning_id: int = Field(primary_key=True, foreign_key="operator_warning.id")
    closed_at: datetime
    reason: str = Field(max_length=500)
