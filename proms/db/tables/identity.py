"""Who patients and staff are and how to reach them: apart from everything else, each field
encrypted for its own row."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint, false
from sqlmodel import Field, SQLModel

from proms.db.tables.partial import partial_index


class Identity(SQLModel, table=True):
    """Name and numbers of one patient; the ciphertexts are bound to this table, row and column."""

    patient_id: int = Field(primary_key=True, foreign_key="patient.id")
    name: str
    hospital_number: str
    trial_number: str | None = None


class PatientNumber(SQLModel, table=True):
    """The digests by which a site finds one number of a patient again.

    `exact` is that of the plain number, and unique; it is empty where another patient had the
    number before there were digests. `similar` is that of the number without leading zeros.
    """

    __tablename__ = "patient_number"

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    site_id: int = Field(foreign_key="site.id", index=True)
    kind: str = Field(max_length=16)
    key: str  # the id of the key it was made under
    exact: str | None = Field(default=None, unique=True, max_length=64)
    similar: str = Field(index=True, max_length=64)


class Contact(SQLModel, table=True):
    """A telephone number or an e-mail address with consent to use it, and when and how it was
    confirmed that it is hers; the ciphertext is bound to this row.

    The `active` one is her first way, that messages go by; what does not arrive there goes by the
    `second`, of the other kind. What is neither was in use before. `shown_at` is when it last
    showed that it is hers: confirmed, or a message sent that was answered.
    """

    __table_args__ = (
        partial_index("ux_contact_second", "patient_id", where="second", unique=True),
    )

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    kind: str = Field(max_length=8)
    address: str
    consented_on: date
    active: bool = True
    second: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    confirmed_at: datetime | None = None
    confirmed_how: str | None = Field(default=None, max_length=8)
    shown_at: datetime | None = None

    @property
    def in_use(self) -> bool:
        """Whether messages may go there."""
        return self.active or self.second


class ContactCode(SQLModel, table=True):
    """A code that was sent to a contact, of which only the hash is kept, and how often another was
    typed since."""

    __tablename__ = "contact_code"

    id: int = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    code_hash: str = Field(max_length=64)
    created_at: datetime
    expires_at: datetime
    tries: int = 0


class PatientText(SQLModel, table=True):
    """A text message a patient sent, by the provider's name for it; the ciphertext is bound to this
    row, since whatever may stand in it."""

    __tablename__ = "patient_text"
    __table_args__ = (UniqueConstraint("sid", "patient_id"),)

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    sid: str = Field(max_length=64)
    wish: str = Field(max_length=8)
    text: str
    at: datetime


class TextSender(SQLModel, table=True):
    """How often a number texted us, in all and in the hour that runs; of the number only a keyed
    hash."""

    __tablename__ = "text_sender"

    number: str = Field(primary_key=True, max_length=64)
    texts: int = 0
    hour_from: datetime
    this_hour: int = 0


class StaffIdentity(SQLModel, table=True):
    """Log-in name, name and numbers of a person working at a site; the ciphertexts are bound to
    this table, row and column."""

    __tablename__ = "staff_identity"

    staff_id: int = Field(primary_key=True, foreign_key="staff.id")
    login: str
    name: str
    phone: str | None = None
    email: str | None = None
