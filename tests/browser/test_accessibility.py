"""axe finds nothing: on any page, in any role, by day and by night, wide and narrow (WCAG 2.2 AA).

The pages are those of the access matrix, so that a new one is looked at unasked.
"""

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
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
    """(person, address, client): each page once, and again for whoever sees there what nobody saw before anywhere.

    A page is known by its elements, each in its surroundings. Each kind of refusal counts as a page.
    """
    known: set[tuple[str, ...]] = set()
    names = sorted({name for method, name in matrix.ROWS if method == "GET"} - NOT_OURS - {"home"})
    for person in world.PEOPLE:
        client = trial.clients[person]
        for name in ["home", *names]:
            address = reverse("home") if name == "home" else address_of(trial, name)
            kinds = elements(client, address, name)
            if kinds - known:
                known |= kinds
                yield person, address, client


def address_of(trial: world.World, name: str) -> str:
    ask = world.ask_for(name)(trial)
    return reverse(name.split()[0], args=ask.args, query=ask.query or None)


def elements(client: Client, address: str, name: str) -> set[tuple[str, ...]]:
    """The kinds of element on a page, each with the two around it; nothing for what is no whole page.

    A page of its own, by name, has at least one kind of its own: what axe asks of a page as a whole is asked of it.
    """
    answer = client.get(address)
    if not answer.headers["Content-Type"].startswith("text/html") or answer.status_code in (301, 302):
        return set()
    content = answer.content.decode()
    if "<html" not in content:
        return set()
    parser = Elements()
    parser.feed(content)
    page = name if answer.status_code == 200 else str(answer.status_code)
    return {*parser.kinds, (page,)}


class Elements(HTMLParser):
    """Kinds of element: name, classes, and which attributes it has, of the element and of the two around it."""

    EMPTY = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.kinds: set[tuple[str, ...]] = set()
        self._open = ["", ""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        kind = " ".join([tag, given.get("class") or "", given.get("type") or "", *sorted(given)])
        self.kinds.add((*self._open[-2:], kind))
        if tag not in self.EMPTY:
            self._open.append(kind)

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 2 and self._open.pop().split(" ")[0] != tag:
            pass


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
