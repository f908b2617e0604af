"""Keeping answers as they come, one by one or several at once, and seeing what that makes of the
rules."""

from collections.abc import Mapping
from dataclasses import replace

from proms.actions.calls import show_call
from proms.actions.drafts import Sitting, save_answers
from proms.domain.response import Given
from proms.web.patient.own_answers import named_device
from proms.web.patient.questionnaire import OpenQuestionnaire, laid_out


def keep_answers(
    sitting: Sitting, before: OpenQuestionnaire, given: Mapping[str, Given]
) -> tuple[OpenQuestionnaire, bool]:
    """Store them; the questionnaire as it stands then, and whether something in it cannot wait that
    could before."""
    draft = save_answers(replace(sitting, device=named_device()), given=given)
    # Laid out anew: what was answered may change what is asked and which rules are met.
    sheet = laid_out(sitting)
    alarmed = bool(sheet.alarming - before.alarming)
    if alarmed:
        # What she said of her earlier answers (is it there now, did you call) is not about this.
        asked_anew = {each.code for each in before.follow_ups} - given.keys()
        show_call(sitting, draft=draft, asked_anew=asked_anew)
    return sheet, alarmed
