"""A person keeps the filters of a list under a name, opens them again, and removes them."""

from typing import Any

import pytest
from django.urls import reverse

from tests.trial.pages import browser, words
from trial import actions
from trial.actions.filters import MOST, NameNeeded
from trial.lifecycle import WrongState
from trial.models import FormRecord, SavedFilter, User

pytestmark = pytest.mark.django_db
LISTS = {
    "queries": ("/queries/", "state=closed&site=NL01", "page=2&csrf=x&state=closed&subject=&site=NL01"),
    "matrix": ("/subjects/matrix/", "overdue=on", "overdue=on&site="),
    "subjects": ("/subjects/", "q=S0", "q=S0&page=3"),
    "study-history": ("/audit/", "first=3+jan+24", "first=3+jan+24&last="),
    "work-list:forms-due": ("/work/forms-due/", "q=S00", "q=S00"),
}


def keep(user: User, page: str, query: str, name: str) -> Any:
    return browser(user).post("/filters/", {"page": page, "query": query, "name": name})


@pytest.mark.parametrize("page", LISTS)
def test_the_filters_of_each_list_are_kept_and_opened_again(page: str, coordinator: User) -> None:
    address, kept, sent = LISTS[page]
    name, _, argument = page.partition(":")
    assert reverse(name, args=[argument] if argument else []) == address
    answer = keep(coordinator, page, sent, "  Mine   of old ")
    assert answer.headers["Location"] == f"{address}?{kept}"
    client = browser(coordinator)
    seen = client.get(address)
    assert "Saved: Mine of old" in words(seen)
    assert f'href="{address}?{kept.replace("&", "&amp;")}"' in seen.content.decode()
    here = client.get(f"{address}?{kept}")
    assert 'aria-current="true"' in here.content.decode()
    assert "Save this filter" not in words(here)


def test_a_list_offers_to_keep_what_is_set_and_readable(coordinator: User) -> None:
    client = browser(coordinator)
    assert "Save this filter" not in words(client.get("/subjects/?q="))
    assert "Save this filter" in words(client.get("/subjects/?q=S0"))
    assert "Save this filter" not in words(client.get("/subjects/?state=nowhere"))
    assert "Save this filter" in words(client.get("/queries/?state="))  # all states, not the open ones


def test_the_same_name_again_replaces_and_other_people_see_nothing(coordinator: User, data_manager: User) -> None:
    keep(coordinator, "queries", "state=open", "Mine")
    keep(coordinator, "queries", "state=closed", "Mine")
    keep(coordinator, "subjects", "q=S0", "Mine")
    assert SavedFilter.objects.get(user=coordinator, page="queries").query == "state=closed"
    assert "Saved:" not in words(browser(data_manager).get("/queries/"))


@pytest.mark.parametrize(
    ("page", "query", "name", "status", "sentence"),
    [
        ("queries", "state=nowhere", "Mine", 422, "cannot be read"),
        ("queries", "page=3", "Mine", 422, "No filter is set"),
        ("queries", "state=open", " ", 422, "Give these filters a name"),
        ("queries", "state=open", "x" * 61, 422, "60 are the most"),
        ("queries", "state=open", "ann@example.org", 422, "identify a person"),
        ("home", "state=open", "Mine", 404, ""),
        ("work-list:", "q=S0", "Mine", 404, ""),
        ("queries:more", "state=open", "Mine", 404, ""),
    ],
)
def test_what_cannot_be_kept_is_refused(
    coordinator: User, page: str, query: str, name: str, status: int, sentence: str
) -> None:
    answer = keep(coordinator, page, query, name)
    assert answer.status_code == status
    assert sentence in words(answer)
    assert not SavedFilter.objects.exists()


def test_a_person_keeps_twenty_of_a_list_and_removes_one_of_their_own(coordinator: User, data_manager: User) -> None:
    for number in range(MOST):
        actions.keep_filter(page="queries", query="state=open", name=f"No. {number}", by=coordinator)
    with pytest.raises(WrongState, match="20"):
        actions.keep_filter(page="queries", query="state=open", name="One more", by=coordinator)
    actions.keep_filter(page="queries", query="state=", name="No. 7", by=coordinator)
    assert "which is the most" in words(browser(coordinator).get("/queries/?state=closed"))
    kept = SavedFilter.objects.get(name="No. 7")
    assert browser(data_manager).post(f"/filters/{kept.pk}/remove/").status_code == 404
    answer = browser(coordinator).post(f"/filters/{kept.pk}/remove/", {"query": "state=closed"})
    assert answer.headers["Location"] == "/queries/?state=closed"
    assert not SavedFilter.objects.filter(name="No. 7").exists()


def test_other_trails_and_pages_of_the_past_keep_none(vital_signs: FormRecord, coordinator: User) -> None:
    client = browser(coordinator)
    keep(coordinator, "subjects", "q=S0", "Mine")
    assert "Save this filter" not in words(client.get(f"/forms/{vital_signs.pk}/history/?updates=on"))
    assert "Saved:" not in words(client.get("/as-of/2024-01-03T00:00:00Z/subjects/?q=S0"))


def test_a_name_is_needed(coordinator: User) -> None:
    with pytest.raises(NameNeeded):
        actions.keep_filter(page="queries", query="state=open", name="", by=coordinator)
