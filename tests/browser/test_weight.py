"""What a patient's phone is sent: little, for it is on a slow network and holds nothing yet."""

import pytest

from proms.web import compression
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House, press
from tests.browser.phone_form import ready, to_the_end

KB = 1024
FIRST_VIEW, FIRST_REQUESTS = 12 * KB, 5
WHOLE_CHECK = 25 * KB  # without the heads, which HTTP/2 packs
SAVED = 200  # bytes, of what is said to answers that arrived


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_whole_check_from_the_link_to_the_receipt_is_light(
    house: House, visit: Visit, language: str, monkeypatch: pytest.MonkeyPatch
):
    # What hides the length of a page is as long as it is on average.
    monkeypatch.setattr(compression.secrets, "randbelow", lambda most: most // 2)
    patient, sent = house.enrols_for_the_check(language=language), house.wire.sent
    sent.clear()
    page = visit(PHONE, locale="nl-NL" if language == "nl" else "en-GB")
    page.goto(house.link(patient))
    page.wait_for_load_state("networkidle")
    assert len(sent) <= FIRST_REQUESTS
    assert house.wire.bodies + house.wire.heads <= FIRST_VIEW, sent
    press(page.locator("form.start button"))
    ready(page)
    to_the_end(page)
    press(page.locator("form.acts .btn-1"))
    page.wait_for_url("**/receipt/*")
    page.wait_for_load_state("networkidle")
    # How often answers go there meanwhile hangs on how fast she, or this machine, answers.
    kept = [reply.body for reply in sent if reply.asked.endswith("/keep")]
    assert max(kept) < SAVED
    assert house.wire.bodies - sum(kept) <= WHOLE_CHECK - SAVED, sent
