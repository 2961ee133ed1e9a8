"""A first visit is under 150 kB, and nothing jumps. (That no request leaves the server, `visitor` asserts.)"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.people import VITAL_SIGNS, make_site, make_user
from trial.actions import forms, subjects

LIMIT = 150_000  # bytes on the wire, headers included

# How far anything moved by itself since the page began to load; 0 is nothing.
JUMPED = """() => new Promise(resolve => {
    let total = 0;
    new PerformanceObserver(list => list.getEntries().forEach(entry => { total += entry.value; }))
        .observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => setTimeout(() => resolve(total), 250));
})"""


@pytest.fixture
def addresses(committed_db: None) -> dict[str, str]:
    coordinator = make_user("site-coordinator", make_site("NL01"))
    subject = subjects.screen_subject(site=coordinator.current_memberships()[0].site, by=coordinator)
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    saved = forms.save_form(record=record, values=VITAL_SIGNS | {"temp": "44.9"}, by=coordinator).record
    return {"home": "/", "form": f"/forms/{saved.pk}/", "casebook": f"/subjects/{subject.number}/"}


def weigh(page: Page, address: str) -> int:
    """Bytes that arrive when a page is opened by a browser that has kept nothing."""
    arrived: list[float] = []
    network = page.context.new_cdp_session(page)
    network.on("Network.loadingFinished", lambda event: arrived.append(event["encodedDataLength"]))
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    answer = page.goto(address, wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200
    network.detach()
    return int(sum(arrived))


@pytest.mark.parametrize("name", ["home", "form", "casebook"])
def test_a_first_visit_is_light_and_nothing_jumps(
    addresses: dict[str, str], visitor: Callable[[str], Visitor], name: str
) -> None:
    coordinator = visitor("site-coordinator")
    address = f"{coordinator.address}{addresses[name]}"
    weight = weigh(coordinator.page, address)

    assert 10_000 < weight < LIMIT
    assert coordinator.page.evaluate(JUMPED) == 0
