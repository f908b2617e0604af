"""A patient on one page of paper, for the consultation."""

from functools import partial

from flask import render_template, request
from flask.typing import ResponseReturnValue

from proms.actions.page_views import note_view
from proms.db.queries.contact_log import passages
from proms.db.queries.people import names_of_staff
from proms.db.queries.worklist import unresolved
from proms.domain.person import Role
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.staff.calendar.week_axis import first_week
from proms.web.staff.labels import evidence
from proms.web.staff.labels.moments import moment_in_words
from proms.web.staff.layout import zone
from proms.web.staff.patient.treatment import treatment_of
from proms.web.staff.routes import staff
from proms.web.staff.worklist.lines import lines_of

# What fits on a page beside sixteen weeks of cycles, values and answers.
LOG_SHOWN, CHARTS, ALERTS = 4, 4, 3
LOG_READ = 100  # among which those that are shown are looked for


@staff.get("/patients/<code>/consultation")
@staff_only(Role.NURSE, Role.COORDINATOR)
def consultation(code: str) -> ResponseReturnValue:
    """Cycles, blood values, symptoms, scores and contact on one page, to print; that it was looked
    at is on record."""
    today = request_context.now().astimezone(zone()).date()
    with request_context.writing() as session:
        note_view(
            session,
            patient=own_patient(session, code),
            page="consultation",
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    with request_context.reading() as session:
        owner = own_patient(session, code)
        treatment = treatment_of(session, owner, today, first_week(request.args.get("from"), today))
        lines = lines_of(session, unresolved(session, owner.site_id, patient_id=owner.id))
        # Paper folds nothing: what follows from what was answered is left out.
        latest = passages(session, owner, LOG_READ)
        log = [line for line in latest if not line.automatic][:LOG_SHOWN]
        staff_names = names_of_staff(session, request_context.keyring(), owner.site_id)
    charts = [trend for scale_set in treatment["trends"] for trend in scale_set.charts]
    return render_template(
        "staff/patient/consultation.html",
        patient=owner,
        described=evidence.sex_and_age(owner, today.year),
        today=today,
        lines=lines[:ALERTS],
        log=log,
        log_shown=LOG_SHOWN,
        everything=True,
        charts=charts[:CHARTS],
        said=(),
        moment=partial(moment_in_words, treatment["protocol"]),
        staff_names=staff_names,
        **treatment,
    )
