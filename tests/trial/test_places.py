"""The places in the frame: six at most for every role, and every page one more click away."""

import re
from typing import Any

import pytest

from tests.people import make_user
from tests.trial.pages import browser
from trial import roles
from trial.models import Site

pytestmark = pytest.mark.django_db

# What each role finds on the left; behind a colon the pages that stand together there.
SUBJECTS = "Subjects: Subjects, Screening log"
PLACES = {
    "site-coordinator": f"Home | {SUBJECTS} | Queries",
    "investigator": f"Home | {SUBJECTS} | Queries | Delegation",
    "sub-investigator": f"Home | {SUBJECTS} | Queries",
    "monitor": f"Home | {SUBJECTS} | Queries | Verification",
    "data-manager": (
        f"Home | {SUBJECTS} | Queries | Review: Verification, Freeze and lock, Audit trail, Since a report"
        " | Access register"
    ),
    "trial-manager": f"Home | {SUBJECTS} | Queries | Verification | Sites and people",
    "inspector": f"Home | {SUBJECTS} | Queries | Audit trail | Access register",
    "safety-officer": f"Home | {SUBJECTS} | Queries | Verification",
    "mrd-laboratory": "Home | Subjects | Queries",
    "statistician": f"Home | {SUBJECTS} | Queries | Reports",
    "dsmb-member": "Home | Reports",
    "dsmb-chair": "Home | Reports",
}
NAVIGATION = re.compile(r'<nav class="(places|tabs)[^>]*>(.*?)</nav>', re.DOTALL)
LINK = re.compile(r'<a href="([^"]+)"([^>]*)>([^<]+)</a>')


def links(page: Any, kind: str) -> dict[str, tuple[str, bool]]:
    """Label -> address, and whether it is said to be the one that is open."""
    inside = [part for name, part in NAVIGATION.findall(page.content.decode()) if name == kind]
    return {label.strip(): (url, "aria-current" in more) for part in inside for url, more, label in LINK.findall(part)}


def test_every_role_has_its_places() -> None:
    assert set(PLACES) == {role.code for role in roles.all_roles()} - {"system"}


@pytest.mark.parametrize("role", PLACES)
def test_places_are_six_at_most_and_their_pages_stand_as_tabs(role: str, nl01: Site, settings: Any) -> None:
    client = browser(make_user(role, nl01))
    found = []
    for label, (url, _) in links(client.get("/"), "places").items():
        page = client.get(url, follow=True)
        assert links(page, "places")[label][1]
        tabs = links(page, "tabs")
        assert not tabs or [is_open for _, is_open in tabs.values()] == [True] + [False] * (len(tabs) - 1)
        assert all(client.get(address).status_code == 200 for address, _ in tabs.values())
        found.append(f"{label}: {', '.join(tabs)}" if tabs else label)
    assert " | ".join(found) == PLACES[role]
    settings.DEMO = True
    assert len(links(client.get("/"), "places")) <= 6
