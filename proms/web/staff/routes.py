"""The blueprint every staff view hangs on, and what its templates may always use."""

from typing import Any

from flask import Blueprint
from werkzeug.local import LocalProxy

from proms.web.staff.labels import vocabulary
from proms.web.staff.labels.formats import amount, d_m, figure, percent, stretch, times, weeks_on
from proms.web.staff.layout import layout

staff = Blueprint("staff", __name__, url_prefix="/staff")
for write in (amount, d_m, figure, percent, stretch, times, weeks_on):
    staff.add_app_template_filter(write)


@staff.context_processor
def for_templates() -> dict[str, Any]:
    """Nothing here reads the database until a template asks for it: an error page must render
    without one."""
    return {"words": vocabulary, "around": LocalProxy(layout)}
