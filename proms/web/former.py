"""The page for somebody who takes no further part, and for her family."""

from flask import render_template

from proms.db.tables import Patient
from proms.domain.person import PatientStatus


def over(patient: Patient) -> str:
    """That nothing more is asked, and whom she can call; in her language, and without her name."""
    return render_template("patient/over.html", died=patient.status == PatientStatus.DIED)
