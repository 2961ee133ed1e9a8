"""A real browser on a live server. BROWSER=0 leaves these tests out (make test says so)."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.people import PASSWORD

# Playwright's loop runs in this thread; the tests read the database between its steps, never within one.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("No browser: install one (apt-get install chromium) or run with BROWSER=0.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


class Visitor:
    """One person at one browser window."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.outside: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._note_request)
        page.on("console", self._note_complaint)

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.outside.append(request.url)

    def _note_complaint(self, message: Any) -> None:
        # The browser reports every answer of 4xx on its console; those are asserted where they are expected.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def sign_in(self, username: str) -> "Visitor":
        self.page.goto(f"{self.address}/sign-in/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(f"{self.address}/")
        return self

    def open(self, path: str) -> "Visitor":
        self.page.goto(f"{self.address}{path}")
        return self

    def fill(self, **answers: str) -> "Visitor":
        """Answer items by name: text, `Y`/`N` and codes, or `day time` for a moment."""
        for name, answer in answers.items():
            if self.page.locator(f"[name={name}_day]").count():
                day, time = answer.rsplit(" ", 1)
                self.page.fill(f"[name={name}_day]", day)
                self.page.fill(f"[name={name}_time]", time)
            elif self.page.locator(f"input[type=radio][name={name}]").count():
                self.page.check(f"input[name={name}][value={answer}]")
            elif self.page.locator(f"select[name={name}]").count():
                self.page.select_option(f"select[name={name}]", answer)
            else:
                self.page.fill(f"[name={name}]", answer)
        return self

    def save(self) -> "Visitor":
        """Save; findings that the page shows are saved as queries by a second press."""
        self._press_save()
        if self.page.locator(".save-state", has_text="Not saved yet: look").count():
            self._press_save()
        return self

    def _press_save(self) -> None:
        with self.page.expect_navigation():  # or the next step would overtake a slow answer
            self.page.click("button[data-save]")

    def text(self) -> str:
        return self.page.inner_text("main")


@pytest.fixture
def visitor(browser: Browser, live_server: LiveServer) -> Iterator[Callable[[str], Visitor]]:
    """Open a window for a user name ("": nobody yet). At the end: no request left the server, the console is silent."""
    visitors: list[Visitor] = []

    def arrive(username: str) -> Visitor:
        context = browser.new_context(accept_downloads=True, viewport={"width": 1440, "height": 900})
        found = Visitor(context.new_page(), live_server.url)
        visitors.append(found)
        return found.sign_in(username) if username else found

    yield arrive
    for found in visitors:
        found.page.context.close()
        assert found.outside == []
        assert found.complaints == []
