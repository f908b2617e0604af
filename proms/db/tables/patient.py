"""Patients by study code: the facts that rules and conditional items read, never who they are."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from proms.domain.person import PersonalFacts


class Patient(PersonalFacts, SQLModel, table=True):
    """A person enrolled; `revision` counts changes of the history, so that a stale preview is
    noticed. Status, arm and the facts about her say what her history says today."""

    id: int = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=16)
    site_id: int = Field(foreign_key="site.id", index=True)
    birth_year: int
    sex: str = Field(max_length=8)
    language: str = Field(max_length=2)
    status: str = Field(default="active", max_length=16)
    paused_from: date | None = None  # without it a pause has begun
    paused_until: date | None = None
    mended_after: int | None = None  # the last decision before her address was put right
    arm: str | None = Field(default=None, max_length=8)
    protocol: str = Field(max_length=32)
    protocol_version: int
    revision: int = 0
    replan_on: date | None = Field(default=None, index=True)
    enrolled_at: datetime
