"""No name, number, address, answer or token ever reaches a log line."""

import re

from proms import logs
from proms.actions import evaluations


def test_t19_a_month_of_clinic_logs_nothing_about_anybody(clinic, capfd, monkeypatch):
    logs.configure()
    clinic.today("2026-01-05", "09:00")
    anna = clinic.enrols("Anna Bakker")
    clinic.enrols("Bert Smit", address="bert@example.org", contact_kind="email")
    clinic.works()
    clinic.answers(anna, JAUND=2, REMARK="ik voel me beroerd")
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    for day in range(6, 32):
        clinic.today(f"2026-01-{day:02}", "09:00")
    clinic.today("2026-02-02", "10:00")

    def crash(*_args, **_kwargs):
        raise ZeroDivisionError("Anna Bakker")

    monkeypatch.setattr(evaluations, "judge", crash)
    clinic.plans_cycle(anna, "systemic", 1, "2026-02-02")
    clinic.answers(anna)
    written = "".join(capfd.readouterr())
    assert "evaluation_failed" in written  # the log was watched, and something was said
    tokens = [re.search(r"/q/(\S+)", text).group(1) for _, text in clinic.phone if "/q/" in text]
    assert tokens
    for secret in (
        "Anna",
        "Bakker",
        "Smit",
        "+3120",
        "example.org",
        "7654321",
        "beroerd",
        anna.code,
        *tokens,
    ):
        assert secret not in written
