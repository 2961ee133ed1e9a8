"""On a phone of 390 pixels nothing that was typed or counted makes a page scroll sideways."""

from collections.abc import Callable

from tests.browser.conftest import Visitor
from tests.people import make_site, make_user
from trial import actions

LONG = "z" * 800
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def test_long_words_and_hashes_break(visitor: Callable[[str], Visitor], committed_db: None) -> None:
    nurse, manager = make_user("site-coordinator", make_site("NL01")), make_user("data-manager")
    subject = actions.screen_subject(site=nurse.current_memberships()[0].site, by=nurse)
    visit = subject.visits.get(code="screening")
    actions.open_query(target=visit, item="", text=LONG, by=manager)
    page = visitor(manager.username).page
    page.set_viewport_size({"width": 390, "height": 844})
    here = page.url.split("/", 3)
    base = "/".join(here[:3])
    page.request.get(f"{base}/audit/?as=csv")
    for path in ("/audit/?first=32/13/2026", f"/subjects/{subject.number}/visits/screening/"):
        page.goto(f"{base}{path}")
        assert not page.evaluate(SIDEWAYS), path
    assert LONG[:199] in page.inner_text("main")
