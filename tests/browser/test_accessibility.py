"""axe finds nothing: on any page, in any role, by day and by night, wide and narrow (WCAG 2.2 AA).

The pages are those of the access matrix, so that a new one is looked at unasked. Pages that are alike but for their
words are looked at once; the frame around them differs by role, and stands on each role's home.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.access import matrix, world
from tests.browser.axe import WIDE, look_at
from tests.browser.conftest import Visitor
from tests.people import make_site, make_user

# The API's page is Swagger's own, but for its head; axe is its makers' matter.
NOT_OURS = frozenset({"api-docs"})


@pytest.fixture
def trial(committed_db: None, settings: Any, tmp_path: Path) -> world.World:
    settings.REPORTS_DIR = tmp_path / "reports"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return world.build()


def pages_in_reach(trial: world.World) -> Iterator[tuple[str, str, Client]]:
    """(person, address, client) of every page that looks unlike those before it; each kind of refusal once."""
    seen: set[str] = {""}
    refused: set[int] = set()
    names = sorted({name for method, name in matrix.ROWS if method == "GET"} - NOT_OURS - {"home"})
    for person in world.PEOPLE:
        client = trial.clients[person]
        yield person, reverse("home"), client
        for name in names:
            status = matrix.ROWS["GET", name][person]
            if status in refused:
                continue
            if status != 200:
                refused.add(status)
            address = address_of(trial, name)
            if (look := looks(client, address)) not in seen:
                seen.add(look)
                yield person, address, client


def address_of(trial: world.World, name: str) -> str:
    ask = world.ask_for(name)(trial)
    return reverse(name.split()[0], args=ask.args, query=ask.query or None)


def looks(client: Client, address: str) -> str:
    """The shape of what stands in the page's frame: its elements, without words and numbers; "" for what is no page."""
    answer = client.get(address)
    if not answer.headers["Content-Type"].startswith("text/html") or answer.status_code in (301, 302):
        return ""
    content = answer.content.decode()
    without_words = re.sub(r">[^<]*\w[^<]*<", ">words<", content[content.find("<main") :])
    return re.sub(r'\d+|(?<= value=)"[^"]*"', "", without_words)


def window(browser: Browser, address: str, client: Client) -> Page:
    """A window in which the client's person is signed in."""
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")  # colours are there at once
    if session := client.cookies.get(django_settings.SESSION_COOKIE_NAME):
        context.add_cookies([{"name": session.key, "value": session.value, "url": address}])
    return context.new_page()


def test_axe_finds_nothing_on_any_page_in_any_role(
    trial: world.World, browser: Browser, live_server: LiveServer
) -> None:
    windows: dict[str, Page] = {}
    said: list[str] = []
    for person, address, client in pages_in_reach(trial):
        page = windows.get(person) or windows.setdefault(person, window(browser, live_server.url, client))
        page.goto(f"{live_server.url}{address}")
        said += [f"{person} {address} {line}" for line in look_at(page)]
    for page in windows.values():
        page.context.close()
    assert said == []


def test_axe_finds_nothing_where_a_form_is_refused(
    committed_db: None, visitor: Callable[[str], Visitor], settings: Any
) -> None:
    make_user("site-coordinator", make_site("NL01"))
    coordinator = visitor("site-coordinator")
    coordinator.open("/subjects/screen/").page.click("text=Give the next number")
    coordinator.page.emulate_media(reduced_motion="reduce")
    said = look_at(coordinator.fill(icdat="the day before").save().page)
    assert coordinator.page.locator(".errors").count() > 0
    assert said == []
