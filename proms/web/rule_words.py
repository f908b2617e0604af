"""A rule that was met, in the words of its content and the reader's language."""

from flask_babel import gettext as _

from proms.content import Library
from proms.db.queries.worklist import MetRule, Source
from proms.domain.alert import RuleSet
from proms.domain.alert.record import NOT_EVALUATED, TEXTED
from proms.web.locale import language


def rule_set_of(library: Library, source: Source | None) -> RuleSet | None:
    """The rules that these answers were held against; none where they are gone."""
    if source is None or not source.rule_set or not library.has_rules(source.instrument):
        return None
    return library.rule_set_named(source.rule_set)


def rule_in_words(library: Library, met: MetRule) -> str:
    """Why an alert came."""
    if met.alert.rule == NOT_EVALUATED:
        return _("The computer could not check these answers. Read all of them yourself.")
    if met.alert.rule == TEXTED:
        return _("The patient sent a text message. Read it, and call if it needs an answer.")
    rule_set = rule_set_of(library, met.source)
    rule = rule_set.rule(met.alert.rule) if rule_set else None
    if rule is None:
        # An alert outlives the rules it was raised by: its code is all that is left.
        return _("Rule %(rule)s", rule=met.alert.rule)
    reason = rule.reason[language()]
    return reason[:1].upper() + reason[1:]
