"""Every table, so that one import knows the whole schema."""

from proms.db.tables.alert import Alert, AlertNote, AlertOccurrence, ExpectedLevel
from proms.db.tables.assignment import Assignment, Draft
from proms.db.tables.audit import AuditEntry
from proms.db.tables.history import (
    CycleVersion,
    FactVersion,
    MilestoneVersion,
    TreatmentVersion,
)
from proms.db.tables.identity import (
    Contact,
    ContactCode,
    Identity,
    PatientNumber,
    PatientText,
    StaffIdentity,
    TextSender,
)
from proms.db.tables.keyed_call import KeyedCall
from proms.db.tables.laboratory import LabVersion
from proms.db.tables.message import (
    ChannelPause,
    ChannelTrouble,
    Delivery,
    DeliveryReport,
    Link,
    MessageDecision,
    SiteDigest,
    SiteTexts,
)
from proms.db.tables.pack_call import PackCall
from proms.db.tables.patient import Patient
from proms.db.tables.pin import PatientPin
from proms.db.tables.protocol import ProtocolAdoption
from proms.db.tables.response import DelayedAlerts, Evaluation, KeptAside, Response, Score
from proms.db.tables.site import (
    FailedLogins,
    Login,
    PatientVisit,
    Site,
    SiteFact,
    SiteRoster,
    Staff,
)
from proms.db.tables.warning import OperatorWarning, ScoreCheck, WarningClosed
from proms.db.tables.watch import SetAside, TickState
from proms.db.tables.worker import DemoClock, Heartbeat, InboxMessage, Offered

__all__ = [
    "Alert",
    "AlertNote",
    "AlertOccurrence",
    "Assignment",
    "AuditEntry",
    "ChannelPause",
    "ChannelTrouble",
    "Contact",
    "ContactCode",
    "CycleVersion",
    "DelayedAlerts",
    "Delivery",
    "DeliveryReport",
    "DemoClock",
    "Draft",
    "Evaluation",
    "ExpectedLevel",
    "FactVersion",
    "FailedLogins",
    "Heartbeat",
    "Identity",
    "InboxMessage",
    "KeptAside",
    "KeyedCall",
    "LabVersion",
    "Link",
    "Login",
    "MessageDecision",
    "MilestoneVersion",
    "Offered",
    "OperatorWarning",
    "PackCall",
    "Patient",
    "PatientNumber",
    "PatientPin",
    "PatientText",
    "PatientVisit",
    "ProtocolAdoption",
    "Response",
    "Score",
    "ScoreCheck",
    "SetAside",
    "Site",
    "SiteDigest",
    "SiteFact",
    "SiteRoster",
    "SiteTexts",
    "Staff",
    "StaffIdentity",
    "TextSender",
    "TickState",
    "TreatmentVersion",
    "WarningClosed",
]
