"""A data manager keeps filters by keyboard, finds a check that only costs time, and retires it."""

from collections.abc import Callable

import pytest

from tests.browser.axe import look_at
from tests.browser.conftest import Visitor
from tests.browser.day import Day
from tests.people import VITAL_SIGNS, make_site, make_user
from trial import actions
from trial.models import Query, SavedFilter


@pytest.fixture
def asked(committed_db: None) -> Query:
    """What the check VS-01 asks at NL01."""
    nurse = make_user("site-coordinator", make_site("NL01"))
    make_user("data-manager")
    subject = actions.screen_subject(site=nurse.current_memberships()[0].site, by=nurse)
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    actions.save_form(record=record, values=VITAL_SIGNS | {"sysbp": 50}, by=nurse)
    return Query.objects.get(check_code="VS-01")


def test_filters_are_kept_opened_and_removed_by_keyboard(asked: Query, visitor: Callable[[str], Visitor]) -> None:
    manager = Day(visitor("data-manager")).open("/queries/?state=open&site=NL01").sees("Save this filter")
    manager.tabs_to(".saved-filters summary").keys("Enter")
    manager.tabs_to("#saved-filter-name").page.keyboard.type("Open at NL01")
    manager.goes_on_by("Enter").hears("The filters are kept as “Open at NL01”.")
    assert look_at(manager.page) == []
    manager.open("/queries/?state=closed").tabs_to_link("Open at NL01").goes_on_by("Enter").sees(asked.text)
    assert manager.page.url.endswith("/queries/?state=open&site=NL01")
    manager.tabs_to("[aria-label='Remove Open at NL01']").goes_on_by("Enter").hears("“Open at NL01” is removed.")
    assert not SavedFilter.objects.exists()


def test_a_check_is_retired_and_brought_back_with_a_reason(asked: Query, visitor: Callable[[str], Visitor]) -> None:
    manager = Day(visitor("data-manager")).open("/queries/value/").follows("Retire VS-01")
    manager.sees("Its open queries close at once").writes("Reason", "It has never changed a value")
    manager.presses("Retire VS-01 and close 1 query").hears("VS-01 is retired. 1 query closed.")
    assert look_at(manager.page) == []
    manager.open(f"/queries/{asked.pk}/").sees("The check was retired. It has never changed a value", "System")
    manager.open("/queries/value/").sees("Retired checks", "It has never changed a value")
    assert look_at(manager.page) == []
    manager.follows("Retired ").writes("Reason", "Its limit was mended").presses("Bring VS-01 back")
    manager.hears("VS-01 asks again").sees("Brought back", "Its limit was mended")
