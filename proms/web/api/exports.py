"""An analyst's calls: the scored data of her own site, and what its columns mean."""

from collections.abc import Iterable

from flask import Response

from proms.actions.audit import staff_actor
from proms.actions.exports import export_scores
from proms.domain.export import codebook
from proms.domain.person import Role
from proms.web import request_context
from proms.web.api.routes import alt_responses, api
from proms.web.guard import staff_only

TEXT = {"type": "string"}


@api.route("/exports/scores")
@api.response(200, TEXT, content_type="text/csv")
@alt_responses()
@staff_only(Role.ANALYST)
def get_scores() -> Response:
    """The scored data as CSV, one row a response version; arms pooled. The download is on
    record."""
    staff = request_context.current_staff()
    parts = request_context.parts()
    rows = export_scores(
        parts.database,
        parts.library,
        by=staff_actor(staff),
        site_id=staff.site_id,
        now=request_context.now(),
    )
    return _csv(rows, "scores")


@api.route("/exports/codebook")
@api.response(200, TEXT, content_type="text/csv")
@alt_responses()
@staff_only(Role.ANALYST)
def get_codebook() -> Response:
    """Every column of the scored data with its meaning, as CSV."""
    return _csv(codebook(request_context.library()), "codebook")


def _csv(texts: Iterable[str], name: str) -> Response:
    disposition = f'attachment; filename="proms-{name}-{request_context.now():%Y-%m-%d}.csv"'
    return Response(texts, mimetype="text/csv", headers={"Content-Disposition": disposition})
