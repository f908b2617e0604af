"""`proms alerts report` and `proms alerts log`: how the rules did, and what each report made of
them."""

import csv
import sys
from datetime import datetime

import click

from proms.actions.site_facts import site_at
from proms.cli.edge import guarded
from proms.cli.opened import opened
from proms.db.queries.rule_report import evaluations_with_breaches, raised_in
from proms.domain.alert.report import rule_report

FIGURES = ("rule", "fired", "alerts", "closed", "acted_on", "median_minutes", "without_action")
LOG = ("at", "site", "patient", "instrument", "rule_set", "policy", "level", "rules")
MONTH = click.DateTime(formats=["%Y-%m"])


@click.command("report")
@click.argument("site")
@click.argument("month", type=MONTH)
@guarded
def report(site: str, month: datetime) -> None:
    """How each rule did at SITE in MONTH (as 2027-03), as CSV: fired, acted on, median time."""
    with opened() as installation, installation.database.reading() as session:
        own = site_at(session, site)
        figures = rule_report(raised_in(session, own, month.date()))
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(FIGURES)
    for each in figures:
        minutes = "" if each.median is None else round(each.median.total_seconds() / 60)
        share = "" if each.without_action is None else round(each.without_action, 1)
        table.writerow(
            (each.rule, each.fired, each.alerts, each.closed, each.acted_on, minutes, share)
        )


@click.command("log")
@guarded
def log() -> None:
    """Every report that met a rule, as CSV: the rules, and whether alerts came of it (on, off,
    delayed)."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(LOG)
    with opened() as installation, installation.database.reading() as session:
        for row in evaluations_with_breaches(session):
            rules = ";".join(sorted(breach["rule"] for breach in row.breaches))
            table.writerow(
                (
                    row.evaluated_at.isoformat(),
                    row.site,
                    row.patient,
                    row.instrument,
                    row.rule_set,
                    row.policy,
                    row.breaches[0]["urgency"],
                    rules,
                )
            )
