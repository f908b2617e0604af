"""An analyst pulls the scored data: what is in it, what can never be in it."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlmodel import select

from proms.actions.audit import OPERATOR, staff_actor
from proms.actions.exports import export_scores
from proms.actions.people import NewSite, NewStaff, add_site, add_staff
from proms.db.queries.exports import responses, snapshot
from proms.db.tables import Assignment, AuditEntry, Patient
from proms.domain.export import codebook
from proms.domain.person import Role
from proms.domain.response import MissingReason
from tests.clinic import PASSWORD, Clinic

WORST = {f"q{n}": 4 for n in range(1, 29)}


def file_of(clinic: Clinic, site_id: int | None = None) -> str:
    """What the analyst of the site gets."""
    site = site_id or clinic.site.id
    by = staff_actor(clinic.kim)
    return "".join(
        export_scores(clinic.database, clinic.library, by=by, site_id=site, now=clinic.now)
    )


def rows_of(file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file)))


def audited(clinic: Clinic) -> Iterator[tuple[str, dict[str, object]]]:
    with clinic.database.reading() as session:
        for entry in session.exec(
            select(AuditEntry).where(AuditEntry.subject == "export").order_by(AuditEntry.id)
        ):
            yield entry.verb, entry.detail


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    """Enrolled on a Monday, randomised a week later."""
    clinic.today("2026-03-02")
    anna = clinic.enrols("Anna de Vries", hospital_number="7654321")
    clinic.today("2026-03-05")
    clinic.answers(anna, "qlq-c30")
    clinic.today("2026-03-09")
    clinic.randomises(anna, arm="A", on="2026-03-09")
    return anna


def test_before_anyone_has_answered_the_file_is_its_header(clinic: Clinic) -> None:
    file = file_of(clinic)
    assert file.count("\r\n") == 1
    assert file.startswith("usubjid,site,seq,pack,moment,study_week,study_day,instrument,")


def test_a_response_is_one_row_with_its_scores_and_every_version_it_was_made_with(
    clinic: Clinic, anna: Patient
) -> None:
    (row,) = rows_of(file_of(clinic))
    expected = {
        "usubjid": anna.code,
        "site": "AMS",
        "seq": "1",
        "pack": "QOL",
        "moment": "BASELINE",
        "study_week": "0",
        "study_day": "-4",
        "instrument": "qlq-c30",
        "instrument_version": "3.0",
        "wording_version": "1",
        "language": "nl",
        "mode": "phone",
        "entered_day": "",
        "status": "complete",
        "response_version": "1",
        "latest": "1",
        "scoring_version": "1",
        "rule_set": "",
        "code_version": "0.1.0",
    }
    assert {name: row[name] for name in expected} == expected
    # All items 1, so also both of the global scale: scoring manual by hand, CLINICAL 1.3.
    scores = {"QL2": "0.0", "PF2": "100.0", "FA": "0.0", "FI": "0.0", "C30SUM": "100.0"}
    assert {name: row[name] for name in scores} == scores
    counts = {"QL2_N": "2", "PF2_N": "5", "EF_N": "4", "DY_N": "1", "C30SUM_N": "13"}
    assert {name: row[name] for name in counts} == counts


def test_a_later_response_stands_beside_its_baseline_and_says_what_matters(
    clinic: Clinic, anna: Patient
) -> None:
    clinic.today("2026-06-01")
    clinic.answers(anna, "qlq-c30", **{**WORST, "q29": 7, "q30": 7, "q1": 3})
    baseline, later = rows_of(file_of(clinic))
    assert (later["moment"], later["study_week"], later["study_day"], later["seq"]) == (
        "W12",
        "12",
        "85",
        "2",
    )
    assert (later["PF2_BASE"], later["PF2_CHG"]) == ("100.0", str(float(later["PF2"]) - 100))
    assert (later["PF2_TCI"], later["FA_TCI"], baseline["PF2_TCI"], baseline["FA_TCI"]) == (
        "1",
        "1",
        "0",
        "0",
    )
    assert (baseline["QL2_BASE"], baseline["QL2_CHG"]) == ("0.0", "")
    assert (later["QL2"], later["QL2_CHG"]) == ("100.0", "100.0")
    # Mean of 3, 4, 4, 4, 4 reversed; not one digit is lost.
    assert float(later["PF2"]) == (1 - (19 / 5 - 1) / 3) * 100


def test_no_flag_is_invented_for_a_scale_without_a_published_threshold(clinic: Clinic) -> None:
    header = file_of(clinic).split("\r\n")[0].split(",")
    assert {"PF2_TCI", "FI_TCI"} <= set(header)
    assert not {"QL2_TCI", "C30SUM_TCI"} & set(header)


def test_a_missing_score_is_an_empty_cell_never_a_nought(clinic: Clinic, anna: Patient) -> None:
    clinic.today("2026-06-01")
    left_out = dict.fromkeys(("q1", "q2", "q3", "q8"), MissingReason.SKIPPED)
    clinic.answers(anna, "qlq-c30", left_out=left_out)
    later = rows_of(file_of(clinic))[1]
    assert later["status"] == "partial"
    assert (later["PF2"], later["PF2_N"], later["PF2_TCI"], later["PF2_CHG"]) == ("", "2", "", "")
    assert (later["DY"], later["DY_N"], later["C30SUM"]) == ("", "0", "")


def test_what_came_after_its_window_is_marked_late(clinic: Clinic, anna: Patient) -> None:
    clinic.today("2026-06-14")
    opened = clinic.opens(anna, "qlq-c30")
    clinic.today("2026-06-17")
    clinic.answers(anna, "qlq-c30", assignment=opened)
    assert [row["status"] for row in rows_of(file_of(clinic))] == ["complete", "late"]


def test_the_same_snapshot_gives_the_same_bytes_and_the_record_holds_their_fingerprint(
    clinic: Clinic, anna: Patient
) -> None:
    first, second = file_of(clinic), file_of(clinic)
    assert first == second
    fingerprint = hashlib.sha256(first.encode()).hexdigest()
    begun = ("export.started", {"data_set": "scores"})
    done = (
        "export.finished",
        {"data_set": "scores", "rows": 1, "held_back": 0, "sha256": fingerprint},
    )
    assert list(audited(clinic)) == [begun, done, begun, done]


def test_a_download_that_breaks_off_is_on_record_all_the_same(
    clinic: Clinic, anna: Patient
) -> None:
    stream = export_scores(
        clinic.database, clinic.library, by=OPERATOR, site_id=None, now=clinic.now
    )
    stream.close()  # type: ignore[attr-defined]
    assert [verb for verb, _ in audited(clinic)] == ["export.started"]


def test_what_is_submitted_meanwhile_is_not_in_the_file(clinic: Clinic, anna: Patient) -> None:
    clinic.today("2026-06-01")
    with snapshot(clinic.database) as connection:
        before = len(list(responses(connection, None)))
        clinic.answers(anna, "qlq-c30")
        assert len(list(responses(connection, None))) == before
    assert len(rows_of(file_of(clinic))) == before + 1


def test_an_analyst_sees_the_own_site_and_the_operator_every_site(
    clinic: Clinic, anna: Patient
) -> None:
    new = NewSite("UTR", "Ziekenhuis Elders", phone="030 123 45 67", study_phone="030 123 45 68")
    with clinic.database.writing() as session:
        elsewhere = add_site(session, new, by=OPERATOR, now=clinic.now)
        other = NewStaff("jo", "Jo", Role.COORDINATOR, PASSWORD)
        clinic.mo = add_staff(
            session, clinic.keyring, other, site_id=elsewhere.id or 0, by=OPERATOR, now=clinic.now
        )
    bert = clinic.enrols("Bert", hospital_number="1")
    clinic.answers(bert, "qlq-c30")
    assert [row["usubjid"] for row in rows_of(file_of(clinic))] == [anna.code]
    assert [row["usubjid"] for row in rows_of(file_of(clinic, elsewhere.id))] == [bert.code]
    everything = export_scores(
        clinic.database, clinic.library, by=OPERATOR, site_id=None, now=clinic.now
    )
    assert {row["usubjid"] for row in rows_of("".join(everything))} == {anna.code, bert.code}


def test_nothing_in_the_file_names_a_person_a_date_a_drug_or_an_arm(clinic: Clinic) -> None:
    two_arms_alike(clinic)
    file = file_of(clinic)
    with clinic.database.reading() as session:
        events = {row.event for row in session.exec(select(Assignment))}
    assert {"HSC-FUDR-D8", "HSC-SYST-D8"} <= events
    assert not [event for event in events if event in file]
    assert not re.search(r"\d{4}-\d\d-\d\d|\d\d:\d\d", file)
    for word in (
        "Anna",
        "Bert",
        "7654321",
        "geheim",
        "FUDR",
        "folfox",
        "fudr",
        "arm",
        "cycle",
        "surg",
        "SITE",
        "POS",
    ):
        assert word not in file


def test_no_arm_can_be_told_from_two_patients_who_differ_in_nothing_else(clinic: Clinic) -> None:
    systemic, pump = two_arms_alike(clinic)
    rows = rows_of(file_of(clinic))
    of_systemic = [{**row, "usubjid": ""} for row in rows if row["usubjid"] == systemic.code]
    of_pump = [{**row, "usubjid": ""} for row in rows if row["usubjid"] == pump.code]
    assert of_systemic == of_pump
    assert [row["moment"] for row in of_pump] == ["BASELINE", "BASELINE", "W5", "W6", "W12"]
    assert [row["pack"] for row in of_pump] == ["HSC", "QOL", "HSC", "HSC", "QOL"]


def test_what_only_one_arm_is_asked_is_held_back_and_counted(clinic: Clinic) -> None:
    two_arms_alike(clinic, surgery_pack=True)
    moments = [row["moment"] for row in rows_of(file_of(clinic)) if row["pack"] == "QOL"]
    assert sorted(moments) == ["BASELINE", "BASELINE", "W12", "W12"]
    assert dict(audited(clinic))["export.finished"]["held_back"] == 1


def test_a_new_column_of_a_table_stays_behind_until_it_is_listed(
    clinic: Clinic, anna: Patient
) -> None:
    before = file_of(clinic)
    with clinic.database.engine.execution_options(write=True).begin() as connection:
        for table in (
            "response",
            "patient",
            "score",
            "assignment",
            "evaluation",
            "milestone",
            "site",
        ):
            connection.execute(
                text(f"ALTER TABLE {table} ADD COLUMN whispered VARCHAR(16) DEFAULT 'geheim'")
            )
    assert file_of(clinic) == before


def test_every_column_of_the_file_stands_in_the_codebook_with_its_meaning(clinic: Clinic) -> None:
    described = rows_of("".join(codebook(clinic.library)))
    assert [row["column"] for row in described] == file_of(clinic).split("\r\n")[0].split(",")
    assert all(row["meaning"] and row["type"] and row["source"] for row in described)
    about = {row["column"]: row for row in described}
    assert about["PF2"]["values"] == "0 to 100; empty = not scored"
    assert about["PF2_CHG"]["values"] == "'-100 to 100"
    assert not [row for row in described if "None" in row["values"]]
    assert about["PF2"]["meaning"] == "Score from items q1, q2, q3, q4, q5; higher is better"
    assert about["FA"]["meaning"] == "Score from items q10, q12, q18; higher is worse"
    assert about["PF2_TCI"]["meaning"] == "PF2 is clinically important: below 83"


def two_arms_alike(clinic: Clinic, *, surgery_pack: bool = False) -> tuple[Patient, Patient]:
    """One patient an arm, who came, were randomised, treated and asked on the same days, and
    answered the same."""
    clinic.today("2026-03-02")
    pair = (clinic.enrols("Anna"), clinic.enrols("Bert"))
    clinic.today("2026-03-05")
    for patient in pair:
        clinic.answers(patient, "hsc", REMARK="geheim")
        clinic.answers(patient, "qlq-c30")
    clinic.today("2026-03-09")
    for patient, arm in zip(pair, "AB", strict=True):
        clinic.randomises(patient, arm=arm, on="2026-03-09")
    clinic.operates(pair[1], on="2026-03-09")
    if surgery_pack:
        clinic.today("2026-04-06")
        clinic.answers(pair[1], "qlq-c30")
    clinic.today("2026-04-13")
    for patient, component, regimen in zip(
        pair, ("systemic", "pump"), ("folfox", "fudr"), strict=True
    ):
        clinic.chooses(patient, component, regimen)
        clinic.gives_cycle(patient, component, 1, on="2026-04-13")
    for day in ("2026-04-13", "2026-04-20"):
        clinic.today(day)
        for patient in pair:
            clinic.answers(patient, "hsc")
    clinic.today("2026-06-01")
    for patient in pair:
        clinic.answers(patient, "qlq-c30")
    return pair
