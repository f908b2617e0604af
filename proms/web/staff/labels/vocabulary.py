"""Our words for the vocabularies of the domain, in the reader's language; looked up by value, never
stored."""

from flask_babel import lazy_gettext as _l

from proms.actions.next_messages import BY_STAFF
from proms.domain.alert import Urgency
from proms.domain.alert.record import (
    GRADES as GRADES,
)
from proms.domain.alert.record import (
    CallOutcome,
    NoActionReason,
    Resolution,
)
from proms.domain.calls import CallReply, PackCallOutcome
from proms.domain.person import ConfirmedHow, ContactKind, Language, PatientStatus, Role, Sex
from proms.domain.protocol import Protocol
from proms.domain.reminder import DeliveryState, HoldReason, MessageKind, PauseReason
from proms.domain.response import MissingReason, Mode
from proms.domain.schedule import AssignmentState, ChangeKind, CycleState, CycleStatus
from proms.domain.schedule.history_errors import UnsoundHistory
from proms.domain.tick import NO_CHANNEL, UNREADABLE, TickName
from proms.domain.title import Title
from proms.refusal import Refusal
from proms.web.errors import SENTENCES
from proms.web.locale import language

ROLES = {
    Role.NURSE: _l("Nurse"),
    Role.COORDINATOR: _l("Study coordinator"),
    Role.ANALYST: _l("Analyst"),
    Role.ADMINISTRATOR: _l("Administrator"),
}
LANGUAGES = {Language.NL: _l("Dutch"), Language.EN: _l("English")}
SEXES = {Sex.FEMALE: _l("Woman"), Sex.MALE: _l("Man")}
CONTACTS = {ContactKind.SMS: _l("Text message"), ContactKind.EMAIL: _l("E-mail")}
CONFIRMED = {
    ConfirmedHow.CODE: _l("Confirmed with a code"),
    ConfirmedHow.EARLIER: _l("In use before numbers were confirmed"),
}
STATUSES = {
    PatientStatus.ACTIVE: _l("Takes part"),
    PatientStatus.WITHDRAWN: _l("Has withdrawn"),
    PatientStatus.DIED: _l("Has died"),
}
URGENCIES = {
    Urgency.RED: _l("Call now"),
    Urgency.AMBER: _l("Within 1 working day"),
    Urgency.INFO: _l("Next visit"),
}
TONES = {Urgency.RED: "now", Urgency.AMBER: "today", Urgency.INFO: "week"}
ICONS = {Urgency.RED: "phone", Urgency.AMBER: "clock", Urgency.INFO: "cal"}
PROMISES = {
    Urgency.RED: _l("Call at once. Until somebody takes it, notices keep going out."),
    Urgency.AMBER: _l("Call within 1 working day: today, or on the next working day"),
    Urgency.INFO: _l("Talk about it at the next visit"),
}
CALLS = {
    CallReply.WILL: _l("The patient says: I will call"),
    CallReply.CANNOT: _l("The patient says: I cannot call. Call the patient at once"),
}
RESOLUTIONS = {
    Resolution.ADVICE: _l("Advice given"),
    Resolution.VISIT: _l("Seen at the clinic"),
    Resolution.LABS: _l("Blood test"),
    Resolution.IMAGING: _l("Scan"),
    Resolution.ADMISSION: _l("Admission"),
    Resolution.DOSE_HOLD: _l("Dose withheld by the physician"),
    Resolution.NONE_NEEDED: _l("No action needed"),
}
NONE_NEEDED = Resolution.NONE_NEEDED  # what is asked why
NO_ACTION_REASONS = {
    NoActionReason.KNOWN: _l("Known symptom"),
    NoActionReason.TREATED: _l("Treated already"),
    NoActionReason.MISTAKE: _l("Filled in by mistake"),
    NoActionReason.UNRELATED: _l("Not related to the treatment"),
}
CALL_OUTCOMES = {
    CallOutcome.REACHED: _l("Patient reached"),
    CallOutcome.NO_ANSWER: _l("No answer"),
    CallOutcome.MESSAGE_LEFT: _l("Message left"),
}
CAN_WAIT = {
    True: _l("The patient says: this can wait"),
    False: _l("The patient says: this cannot wait"),
}
PAUSES = {
    PauseReason.UNDELIVERED: _l("messages do not arrive there"),
    PauseReason.STOPPED: _l("the patient asked for no more messages"),
    PauseReason.COUNTRY: _l("no text messages go to the country of this number"),
    PauseReason.NOT_HERS: _l("whoever read the message said that it is for somebody else"),
}
INSTEAD = {
    ContactKind.SMS: _l("Messages go by text message meanwhile."),
    ContactKind.EMAIL: _l("Messages go by e-mail meanwhile."),
}
MESSAGES = {
    MessageKind.REMINDER: _l("Message about open questions"),
    MessageKind.LINK: _l("Link sent again"),
    MessageKind.CONFIRMATION: _l("Test message"),
    MessageKind.STAFF_NOTICE: _l("Urgent notice to a nurse"),
    MessageKind.DIGEST: _l("Morning message to who is on duty"),
}
DELIVERIES = {
    DeliveryState.DUE: _l("waits to be sent"),
    DeliveryState.SENDING: _l("is being sent"),
    DeliveryState.SENT: _l("sent"),
    DeliveryState.DELIVERED: _l("delivered"),
    DeliveryState.UNDELIVERED: _l("not delivered"),
    DeliveryState.UNKNOWN: _l("not known whether it arrived"),
    DeliveryState.DEAD: _l("could not be sent"),
    DeliveryState.CANCELLED: _l("cancelled, no longer wanted"),
    DeliveryState.EXPIRED: _l("not sent: it was too late"),
}
HOLDS = {
    HoldReason.PAUSED: _l("messages are paused"),
    HoldReason.NO_CONTACT: _l("no telephone number or e-mail address is known"),
    HoldReason.UNCONFIRMED: _l("nobody has confirmed the number or address"),
    HoldReason.CHANNEL_PAUSED: _l(
        "messages to this number or address stand still until it is corrected"
    ),
    HoldReason.COUNTRY: _l("no text messages go to the country of this number"),
    HoldReason.WINDOW_CLOSED: _l("the questions had closed"),
    HoldReason.NOT_ACTIVE: _l("the patient no longer takes part"),
    HoldReason.QUIET_HOURS: _l("it was too late in the day; it waits for the morning"),
    HoldReason.SITE_CAP: _l(
        "this hospital’s maximum number of text messages for that day was reached"
    ),
    HoldReason.ANSWERED: _l("the questions had been answered"),
    HoldReason.SUPERSEDED: _l("a later message stands for it"),
    HoldReason.DAY_CAP: _l("the maximum number of messages for that day was reached"),
}
# What is noted of a message that waits or was not sent; anything else is a provider's own code.
NOTED = {
    **{reason.value: why for reason, why in HOLDS.items()},
    "too_late": _l("it would have been too late"),
    NO_CHANNEL: _l("there is no way to send what the patient chose"),
    UNREADABLE: _l("the number or address cannot be read"),
    "arrived_otherwise": _l("it may have arrived by the other way"),
    BY_STAFF: _l("a member of staff cancelled it"),
}
ASSIGNMENTS = {
    AssignmentState.WAITING: _l("waits for the cycle"),
    AssignmentState.PLANNED: _l("planned"),
    AssignmentState.STARTED: _l("started"),
    AssignmentState.ANSWERED: _l("filled in"),
    AssignmentState.MISSED: _l("missed"),
    AssignmentState.CANCELLED: _l("cancelled"),
}
MISSING = {
    MissingReason.SKIPPED: _l("skipped"),
    MissingReason.DECLINED: _l("chose not to answer"),
    MissingReason.NOT_ASKED: _l("not asked"),
}
MODES = {
    Mode.PHONE: _l("by the patient, on a phone"),
    Mode.TABLET: _l("by the patient, on a tablet of the hospital"),
    Mode.API: _l("by the patient, by an app"),
    Mode.CALL: _l("on the telephone"),
    Mode.PAPER: _l("on paper"),
}
DEEDS = {
    "alert.acknowledged": _l("Alert taken"),
    "alert.note_added": _l("Note"),
    "alert.note_kept": _l("Closed by a colleague before, with this beside it"),
    "alert.resolved": _l("Alert closed"),
    "call.will": _l("The patient says: I will call"),
    "call.cannot": _l("The patient says: I cannot call"),
    "call.shown": _l("The patient was shown: call now"),
    "channel.paused": _l("Messages to this number or address stand still"),
    "channel.resumed": _l("Messages to this number or address go on"),
    "contact.code_refused": _l("A wrong code of a test message"),
    "contact.confirmed": _l("Number or address confirmed"),
    "contact.changed": _l("Another number or address"),
    "contact.second_given": _l("A second way for what does not arrive"),
    "contact.second_ended": _l("No second way any more"),
    "links.revoked": _l("All links were ended"),
    "message.cancelled": _l("A message was cancelled"),
    "pack.call_no_answer": _l("Called about unanswered questions: no answer"),
    "pack.call_will": _l("Called about unanswered questions: the patient will answer"),
    "pack.call_filled_in": _l("Called about unanswered questions: filled in together"),
    "pack.call_leave": _l("Not called about these questions any more"),
    "patient.came_in": _l("The patient opened the link"),
    "patient.paused": _l("Messages paused"),
    "patient.resumed": _l("Messages resumed"),
}
CHANGES = {
    ChangeKind.MOVE: _l("Moves"),
    ChangeKind.OPEN: _l("Is added"),
    ChangeKind.REOPEN: _l("Is asked again"),
    ChangeKind.WAIT: _l("Waits for the cycle"),
    ChangeKind.CANCEL: _l("Is cancelled"),
}
CYCLES = {
    CycleStatus.PLANNED: _l("planned"),
    CycleStatus.GIVEN: _l("given"),
    CycleStatus.SKIPPED: _l("skipped"),
}
PACES = {
    CycleState.GIVEN: _l("given"),
    CycleState.PLANNED: _l("planned"),
    CycleState.DELAYED: _l("delayed"),
    CycleState.WAITING: _l("waits"),
    CycleState.SKIPPED: _l("skipped"),
}

UNSOUND = {
    "unknown_word": _l("The protocol does not know this, or the regimen has not been chosen yet."),
    "not_randomised": _l("Record the randomisation first: without an arm there is no treatment."),
    "regimen_not_in_arm": _l("This regimen is not given in this patient's arm."),
    "milestone_not_in_arm": _l("This does not happen in this patient's arm."),
    "incomplete_cycle": _l(
        "The dates do not fit: a cycle that was given has a day 1, a planned one has a planned "
        "date."
    ),
    "cycle_twice": _l("This cycle is recorded already. Correct it instead."),
    "facts_on_one_day": _l("From that day on a value is on record already. Correct that one."),
    "fact_without_value": _l("What is so from the beginning cannot be cancelled. Correct it."),
}
LOST = (DeliveryState.DEAD, DeliveryState.UNDELIVERED, DeliveryState.UNKNOWN, DeliveryState.EXPIRED)


def unsound(refusal: UnsoundHistory) -> str:
    """What is wrong with a history, in a sentence."""
    return str(UNSOUND.get(refusal.code, refusal))


# What is said of a questionnaire to a patient is said to staff of hers.
OF_A_PATIENT = {
    "window_closed": _l("The days on which this may be filled in are over."),
    "not_open_yet": _l("The days on which this may be filled in are still to come."),
    "no_licensed_wording": _l("This cannot be asked: its licensed wording is not installed."),
    "idempotency_key_reused": _l(
        "These answers were saved before. What you have changed since is not saved."
    ),
    "other_wording": _l("The questions are in other words now. Check the answers and save again."),
}


def refused(refusal: Refusal) -> str:
    """Why something cannot be recorded, in a sentence."""
    if isinstance(refusal, UnsoundHistory):
        return unsound(refusal)
    sentence = OF_A_PATIENT.get(refusal.code) or SENTENCES.get(refusal.code, refusal)
    return str(sentence)


def milestone(protocol: Protocol, kind: str) -> str:
    """A milestone's name; by its code where the protocol gives it none."""
    # A milestone on record may be of an earlier version of the protocol, which this one dropped.
    in_protocol = protocol.milestones.get(kind)
    if in_protocol is None or in_protocol.title is None:
        return _readable(kind)
    return titled(in_protocol.title)


FIELDS = {
    "again_on": _l("Day of the next call"),
    "again_time": _l("Time of the next call"),
    "outcome_of_call": _l("What came of the call"),
    "address": _l("Telephone number or e-mail address"),
    "arm": _l("Arm"),
    "birth_year": _l("Year of birth"),
    "code": _l("Code"),
    "colleague": _l("Who takes the alerts over"),
    "consent": _l("Date of consent"),
    "consented_on": _l("Date the patient agreed"),
    "contact_kind": _l("Messages go by"),
    "day_1": _l("Day 1"),
    "dose": _l("Dose, percent of full"),
    "email": _l("E-mail address"),
    "expect_item": _l("Which symptom, up to which level"),
    "expect_reason": _l("Why it is expected"),
    "expect_until": _l("Last day"),
    "file": _l("File"),
    "grade": _l("CTCAE grade, by a clinician"),
    "hours": _l("Staffed hours"),
    "hospital_number": _l("Hospital number"),
    "kind": _l("What"),
    "language": _l("Language"),
    "last_dose": _l("Date of the last dose"),
    "login": _l("Log-in name"),
    "mode": _l("How did the patient answer?"),
    "name": _l("Name"),
    "next_after": _l("Minutes until the next person on duty is told"),
    "none_reason": _l("Why was nothing needed?"),
    "note": _l("Note"),
    "on": _l("Date"),
    "on_call": _l("On call"),
    "on_call_after": _l("Minutes until the on-call list is told"),
    "outcome": _l("How did the call end?"),
    "own_days": _l("Other days on which the hospital is closed"),
    "password": _l("First password"),
    "phone": _l("Mobile number"),
    "planned": _l("Planned day 1"),
    "reason": _l("Reason"),
    "regimen": _l("Regimen"),
    "resolution": _l("What was agreed?"),
    "role": _l("Role"),
    "sender": _l("Name"),
    "sex": _l("Sex"),
    "shown": _l("Alert"),
    "since": _l("From which day"),
    "source_on": _l("Day of the answers"),
    "trial_number": _l("Trial number"),
    "until": _l("No messages up to and including"),
    "value": _l("What is so"),
    "who": _l("Who is on duty"),
    "words": _l("Note while it stays open"),
    "why": _l("Why"),
}


def drug(protocol: Protocol, code: str) -> str:
    """A drug's name; by its code where the protocol gives it none."""
    if code not in protocol.drugs:
        return _readable(code)
    return titled(protocol.drugs[code])


def _readable(code: str) -> str:
    return code.replace("_", " ").capitalize()


def titled(title: Title) -> str:
    """What the protocol calls something (an arm, a component, a regimen), in the reader's
    language."""
    return title.said_in(language())


PACK_CALLS = {
    PackCallOutcome.NO_ANSWER: _l("No answer: try again at"),
    PackCallOutcome.WILL: _l("The patient will answer"),
    PackCallOutcome.FILLED_IN: _l("Filled in together on the telephone"),
    PackCallOutcome.LEAVE: _l("Do not call about these questions"),
}

# What a tick does, to whoever reads that it could not.
TICKS = {
    TickName.FOLLOW: _l("Moving a patient to the new version of the schedule"),
    TickName.RENEW_PLANS: _l("Renewing a patient's schedule"),
    TickName.EXPIRE: _l("Closing a questionnaire whose time is over"),
    TickName.REMIND: _l("Deciding about messages to a patient"),
    TickName.UNSENT: _l("Reporting answers that were not sent"),
    TickName.LATE: _l("Reporting alerts that were to come later"),
    TickName.GIVE_BACK: _l("Giving an alert back to the worklist"),
    TickName.REPEAT: _l("Telling colleagues of a red alert"),
    TickName.DIGEST: _l("The morning's message to who is on duty"),
    TickName.NOTIFY: _l("Sending an urgent notice"),
    TickName.DELIVER: _l("Sending a message to a patient"),
    TickName.ASK: _l("Finding out whether a message left"),
    TickName.AUDIT: _l("Checking an alert"),
    TickName.CHECK: _l("Checking a score"),
}
