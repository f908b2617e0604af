"""Writes of the API that came under a key, so that one that comes again is answered and not done
again."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class KeyedCall(SQLModel, table=True):
    """Who wrote under which key, what was asked, both as digests; and the answer, sealed for its
    row."""

    __tablename__ = "keyed_call"
    __table_args__ = (UniqueConstraint("caller", "key_digest"),)

    id: int = Field(default=None, primary_key=True)
    caller: str = Field(max_length=32)
    key_digest: str = Field(max_length=64)
    asked_digest: str = Field(max_length=64)
    answer: str | None = None
    at: datetime = Field(index=True)
