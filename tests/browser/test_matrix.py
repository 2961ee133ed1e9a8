"""The study matrix and the search by keyboard alone."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Visitor
from tests.people import make_site, make_user
from trial import actions


@pytest.fixture
def coordinator(committed_db: None) -> str:
    """Of a site with two subjects, each with its baseline form."""
    site = make_site("NL01")
    user = make_user("site-coordinator", site)
    for _ in range(2):
        subject = actions.screen_subject(site=site, by=user)
        record = actions.new_record(subject=subject, crf_code="baseline", visit=subject.visits.get(code="screening"))
        actions.save_form(record=record, values={"brthdat": "2023-11-20"}, by=user)
    return user.username


def test_arrow_keys_move_between_cells_and_enter_opens(visitor: Callable[[str], Visitor], coordinator: str) -> None:
    page = visitor(coordinator).open("/subjects/matrix/").page
    page.focus("a.cell[tabindex='0']")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/subjects/S002/visits/screening/"
    page.keyboard.press("Enter")
    page.wait_for_url("**/subjects/S002/visits/screening/")


def test_a_number_is_suggested_and_opened_without_a_mouse(visitor: Callable[[str], Visitor], coordinator: str) -> None:
    page = visitor(coordinator).page
    page.keyboard.press("/")
    page.keyboard.type("s0")
    page.wait_for_selector("#subject-numbers option[value=S002]", state="attached")
    page.keyboard.type("02")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subjects/S002/")


def test_the_first_line_of_home_is_one_key_away(visitor: Callable[[str], Visitor], coordinator: str) -> None:
    page = visitor(coordinator).page
    first = page.locator(".worklist a").first.get_attribute("href")
    page.keyboard.press("Alt+n")
    page.wait_for_url(f"**{first}")
