"""The list of queries without a mouse: moved through, ticked, closed after a preview, one opened."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Visitor
from tests.people import VITAL_SIGNS, make_site, make_user
from trial import actions
from trial.models import Query


@pytest.fixture
def asked(committed_db: None) -> list[Query]:
    site = make_site("NL01")
    coordinator, manager = make_user("site-coordinator", site), make_user("data-manager")
    subject = actions.screen_subject(site=site, by=coordinator)
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    actions.save_form(record=record, values=VITAL_SIGNS, by=coordinator)
    items = ("temp", "hr", "weight")
    return [actions.open_query(target=record, item=i, text=f"Is {i} in the chart?", by=manager) for i in items]


def test_queries_are_chosen_and_closed_by_keyboard(asked: list[Query], visitor: Callable[[str], Visitor]) -> None:
    page = visitor("data-manager").open("/queries/").page
    for key in ("j", "Space", "ArrowDown", "ArrowDown", "Space", "k"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.textContent") == asked[1].text
    assert page.locator("[name=query]:checked").count() == 2
    page.locator("button[value=close]").press("Enter")
    assert "Close 2 of 2 queries?" in page.inner_text("main")
    page.locator("button[name=confirm]").press("Enter")
    page.wait_for_url("**/queries/")
    assert list(Query.objects.order_by("id").values_list("state", flat=True)) == ["closed", "open", "closed"]
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/queries/{asked[1].pk}/")
