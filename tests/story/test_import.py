"""Cycles and milestones from the hospital's own system: looked at, saved as a whole or not at all,
and only once."""

import base64

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect, text
from sqlmodel import col, select

from proms.actions.audit import OPERATOR
from proms.actions.history_import import ImportFile, preview_import, save_import
from proms.actions.refusals import HistoryChanged
from proms.actions.rows_by_patient import UnsoundTable
from proms.cli import main
from proms.content.history_table import COLUMNS, read_table
from proms.db.tables import AuditEntry, CycleVersion, Link, MilestoneVersion, Patient
from proms.domain.history_import.example import example_file
from proms.domain.person import Role
from proms.domain.schedule import summarise
from tests.clinic import KEYRING
from tests.desk import stranger
from tests.domain.calendars import TRIAL

TEMPLATE = example_file(TRIAL)


@pytest.fixture
def anna(clinic):
    """On FOLFOX, first cycle planned for 19 January; the hospital knows her as 1234567."""
    clinic.today("2026-01-05")
    patient = clinic.enrols("Anna", hospital_number="1234567", trial_number="PI-007")
    clinic.randomises(patient, "A", "2026-01-05")
    clinic.chooses(patient, "systemic", "folfox")
    clinic.plans_cycle(patient, "systemic", 1, "2026-01-19")
    return patient


def line(patient, what, kind, **cells):
    row = {"patient": getattr(patient, "code", patient), "what": what, "kind": kind, **cells}
    return ",".join(str(row.get(name, "")) for name in COLUMNS)


def cycle(patient, number, **cells):
    return line(patient, "cycle", "systemic", number=number, **cells)


def file(*lines):
    return "\n".join([",".join(COLUMNS), *lines]).encode()


def sheet(clinic, *lines, reason=None, site_id=None, without_refused=False):
    table = read_table(file(*lines))
    return ImportFile(table, site_id or clinic.site.id, reason, without_refused)


def imports(clinic, *lines, **options):
    revisions = options.pop("revisions", None)
    wanted = sheet(clinic, *lines, **options)
    with clinic.database.writing() as session:
        return save_import(
            session,
            clinic.library,
            KEYRING,
            wanted,
            revisions=revisions,
            by=OPERATOR,
            now=clinic.now,
        )


def looks(clinic, *lines, **options):
    wanted = sheet(clinic, *lines, **options)
    with clinic.database.reading() as session:
        return preview_import(session, clinic.library, KEYRING, wanted, now=clinic.now)


def everything(clinic):
    """Every row of every table, as the database holds it."""
    with clinic.database.engine.connect() as connection:
        names = sorted(inspect(connection).get_table_names())
        return {name: connection.execute(text(f'select * from "{name}"')).all() for name in names}  # noqa: S608


def faults(clinic, *lines, **options):
    before = everything(clinic)
    with pytest.raises(UnsoundTable) as refused:
        imports(clinic, *lines, **options)
    assert everything(clinic) == before
    return [str(each) for each in refused.value.faults]


def entries(clinic, verb):
    with clinic.database.reading() as session:
        return session.exec(
            select(AuditEntry).where(AuditEntry.verb == verb).order_by(col(AuditEntry.id))
        ).all()


def due(clinic, patient, event, number):
    return next(day for e, n, day, _ in clinic.calendar(patient) if (e, n) == (event, number))


def test_a_cycle_given_late_moves_its_checks_and_the_preview_said_so(clinic, anna):
    clinic.today("2026-01-21")
    row = cycle(anna, 1, day_1="2026-01-21", drugs="oxaliplatin fluorouracil", dose_percent=80)
    before = everything(clinic)
    seen = looks(clinic, row)
    assert everything(clinic) == before
    saved = imports(clinic, row)
    assert [each.changes for each in saved.news] == [each.changes for each in seen.news]
    assert summarise(saved.news[0].changes).counts["move"] >= 2
    assert due(clinic, anna, "HSC-SYST-D1", 1) == "2026-01-21"
    assert due(clinic, anna, "HSC-SYST-D8", 2) == "2026-02-11"
    with clinic.database.reading() as session:
        kept = session.exec(select(CycleVersion).order_by(col(CycleVersion.version))).all()
    assert [(each.version, each.status, each.planned.day) for each in kept] == [
        (1, "planned", 19),
        (2, "given", 19),
    ]
    assert (kept[1].drugs, kept[1].dose_percent, kept[1].recorded_by) == (
        ["oxaliplatin", "fluorouracil"],
        80,
        None,
    )


def test_the_same_file_twice_gives_nothing_new_and_leaves_no_trace(clinic, anna):
    clinic.today("2026-01-21")
    rows = [
        cycle(anna, 1, day_1="2026-01-21"),
        line(anna, "milestone", "panel", number=1, date="2026-03-30"),
    ]
    imports(clinic, *rows)
    before = everything(clinic)
    again = imports(clinic, *rows, reason="nightly")
    assert (again.news, again.counts()["rows"]) == ((), 2)
    assert everything(clinic) == before


def test_a_whole_course_in_one_file_is_recorded_and_each_patient_is_on_record_once(clinic, anna):
    bea = clinic.enrols("Bea")
    clinic.today("2026-02-10")
    course = [
        cycle(bea, 1, planned="2026-01-26", day_1="2026-01-27"),
        cycle(bea, 2, planned="2026-02-10", day_1="2026-02-10"),
        line(bea, "regimen", "capox"),
        line(bea, "milestone", "randomisation", arm="A", date="2026-01-12"),
        cycle(anna, 1, day_1="2026-01-19"),
    ]
    refused = faults(clinic, *course)
    assert len(refused) == 1
    assert refused[0].startswith(
        "line 3: systemic cycle 2 starts 14 days after cycle 1: they overlap; if it is so"
    )
    course[1] = cycle(bea, 2, planned="2026-02-17")
    found = imports(clinic, *course, reason="from the pharmacy")
    assert found.counts() == {"rows": 5, "patients": 2, "new": 5, "corrected": 0}
    with clinic.database.reading() as session:
        assert session.get_one(Patient, bea.id).arm == "A"
        assert session.get_one(Patient, bea.id).revision == 1
    assert due(clinic, bea, "HSC-SYST-D15", 1) == "2026-02-10"
    told = entries(clinic, "history.imported")
    assert sorted(each.patient_id for each in told) == sorted([anna.id, bea.id])
    (whole,) = entries(clinic, "import.saved")
    assert whole.detail == {
        "sha256": told[0].detail["sha256"],
        "rows": 5,
        "patients": 2,
        "new": 5,
        "corrected": 0,
    }
    assert (whole.actor, whole.site_id, whole.reason) == (
        "operator",
        clinic.site.id,
        "from the pharmacy",
    )


def test_one_bad_line_saves_nothing_and_every_fault_is_told(clinic, anna):
    clinic.today("2026-02-02")
    told = faults(
        clinic,
        cycle(anna, 1, day_1="2026-01-19"),
        cycle("nobody", 1, day_1="2026-01-19"),
        cycle(anna, 3, day_1="2026-13-01"),
        cycle(anna, 5, planned="2026-02-16"),
        line(anna, "milestone", "pump_surgery", date="2026-01-20"),
    )
    assert told == [
        "line 3, column patient: No patient of this hospital has this code or number.",
        "line 4, column day_1: This is not a date such as 2026-12-31.",
        "line 5: systemic cycle 5 is recorded, but cycle 4 is not",
        "line 6: pump_surgery does not happen in arm A",
    ]


def test_a_correction_needs_a_reason_and_keeps_the_old_version(clinic, anna):
    clinic.today("2026-01-21")
    imports(clinic, cycle(anna, 1, day_1="2026-01-20", dose_percent=80))
    other = cycle(anna, 1, day_1="2026-01-21")
    assert faults(clinic, other) == [
        "line 2, column reason: This changes what is on record: give the reason."
    ]
    found = imports(clinic, other, reason="typed a day early")
    assert found.counts()["corrected"] == 1
    with clinic.database.reading() as session:
        kept = session.exec(
            select(CycleVersion)
            .where(CycleVersion.status == "given")
            .order_by(col(CycleVersion.version))
        ).all()
    assert [(each.day_1.day, each.dose_percent, each.reason) for each in kept] == [
        (20, 80, None),
        (21, 80, "typed a day early"),
    ]


def test_a_death_taken_back_at_the_desk_does_not_come_back_with_the_next_file(clinic, anna):
    from proms.domain.schedule.history_entry import MilestoneRecorded

    row = line(anna, "milestone", "death", date="2026-01-05")
    imports(clinic, row)
    clinic.records(anna, MilestoneRecorded("death", None), reason="another patient's record")
    assert faults(clinic, row) == [
        "line 2, column reason: This changes what is on record: give the reason."
    ]


def test_a_withdrawal_in_a_file_closes_everything_and_ends_the_links(clinic, anna):
    from proms.actions.access import make_link

    with clinic.database.writing() as session:
        make_link(session, KEYRING, patient_id=anna.id, now=clinic.now)
        session.commit()
    imports(clinic, line(anna, "milestone", "withdrawal", date="2026-01-05"))
    assert clinic.calendar(anna) == []
    with clinic.database.reading() as session:
        assert all(each.revoked_at for each in session.exec(select(Link)))
    clinic.today("2026-01-07")
    assert faults(clinic, cycle(anna, 1, day_1="2026-01-06")) == [
        "line 2: systemic cycle 1 on 2026-01-06 is after withdrawal on 2026-01-05"
    ]


def test_a_patient_is_found_by_study_code_trial_number_or_hospital_number(clinic, anna):
    for known in (anna.code.lower(), "pi-007", "PI 007", " 1234567", "123-4567"):
        assert [
            each.patient.code for each in looks(clinic, cycle(known, 2, planned="2026-02-03")).news
        ] == [anna.code]
    clinic.enrols("Bea", trial_number="1234567")
    assert faults(clinic, cycle("1234567", 2, planned="2026-02-03")) == [
        "line 2, column patient: More than one patient of this hospital has this number."
    ]


def test_a_number_with_other_leading_zeros_is_asked_about(clinic, anna):
    row = {"planned": "2026-02-03"}
    assert faults(clinic, cycle("001234567", 2, **row)) == [
        f"line 2, column patient: Patient {anna.code} has this number with other leading zeros. "
        "If it is the same patient, give the reason in this row."
    ]
    assert faults(clinic, cycle("001234567", 2, **row), reason="one for the whole file")
    (effect,) = looks(clinic, cycle("001234567", 2, reason="Excel", **row)).news
    assert (effect.patient.code, effect.named_as) == (anna.code, ("001234567",))
    clinic.enrols("Bea", hospital_number="01234567", other_patient=True)
    assert faults(clinic, cycle("001234567", 2, **row)) == [
        "line 2, column patient: More than one patient of this hospital has this number."
    ]
    assert looks(clinic, cycle("1234567", 2, **row)).news  # it is written so on record


def test_another_sites_patient_is_as_absent_as_none(clinic, anna):
    far = stranger(clinic, Role.COORDINATOR)
    for known in (anna.code, "1234567"):
        told = faults(clinic, cycle(known, 1, day_1="2026-01-05"), site_id=far.site_id)
        assert told == [
            "line 2, column patient: No patient of this hospital has this code or number."
        ]


def test_what_somebody_saved_in_between_is_noticed_and_nothing_is_saved(clinic, anna):
    row = line(anna, "milestone", "panel", number=1, date="2026-03-30")
    seen = looks(clinic, row)
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-26")
    before = everything(clinic)
    with pytest.raises(HistoryChanged):
        imports(clinic, row, revisions=seen.revisions)
    assert everything(clinic) == before
    imports(clinic, row, revisions=looks(clinic, row).revisions)
    with clinic.database.reading() as session:
        assert (
            len(
                session.exec(select(MilestoneVersion).where(MilestoneVersion.kind == "panel")).all()
            )
            == 1
        )


@pytest.fixture
def installation(database_url, monkeypatch):
    named = {
        "DATABASE_URL": database_url,
        "PROMS_SECRET": KEYRING.secret,
        "PROMS_IDENTITY_KEYS": f"k1:{base64.b64encode(KEYRING.keys['k1']).decode()}",
        "PROMS_PUBLIC_URL": "https://proms.example.org",
        "PROMS_SMTP_HOST": "127.0.0.1",
        "PROMS_SMTP_SENDER": "trial@example.org",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)


def run(*words, given=None):
    return CliRunner().invoke(main, ["import", *words], input=given)


def test_the_operator_looks_saves_and_saves_again(clinic, anna, installation):
    rows = file(
        cycle("1234567", 1, planned="2026-01-12"),
        line("1234567", "milestone", "panel", number=1, date="2026-03-30"),
    )
    before = everything(clinic)
    looked = run("-", "--site", "AMS", "--dry-run", given=rows)
    assert (looked.exit_code, looked.stderr, everything(clinic)) == (0, "", before)
    assert f"{anna.code} (revision 3)" in looked.stdout
    assert "line 2, new: systemic cycle 1 planned, planned 2026-01-12" in looked.stdout
    assert "No answer changes." in looked.stdout
    assert (
        "2 rows, 1 patients change: 2 new, 0 corrected, would be saved; nothing was changed."
        in looked.stdout
    )
    saved = run("-", "--site", "AMS", given=rows)
    assert saved.stdout == looked.stdout.replace(
        "would be saved; nothing was changed", "saved"
    ).replace("(revision 3)", "(revision 4)")
    again = run("-", "--site", "AMS", given=rows)
    assert again.stdout == "2 rows, 0 patients change: 0 new, 0 corrected, saved.\n"
    assert "1234567" not in looked.output + saved.output + again.output


def test_faults_go_to_stderr_with_exit_code_2_and_say_nothing_about_who_it_is(
    clinic, anna, installation
):
    rows = file(
        cycle("1234567", 3, planned="2026-03-12"), cycle("Anna Bakker", 1, planned="12-01-2026")
    )
    for more in ((), ("--dry-run",)):
        refused = run("-", "--site", "AMS", *more, given=rows)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr.splitlines() == [
            "proms: nothing is saved.",
            "line 2: systemic cycle 3 is recorded, but cycle 2 is not",
            "line 3, column patient: No patient of this hospital has this code or number.",
            "line 3, column planned: This may be one of two dates: "
            "write 2026-12-31, or say that dates in the file begin with the day.",
        ]
    assert (
        run("-", "--site", "XXX", given=rows).stderr
        == "proms: There is no site with the code XXX.\n"
    )
    assert run("--template").stdout == TEMPLATE
