"""Two browsers at one form, a server that is killed, a network that is cut: what was typed is there, saved once or not.

The server here is a process of its own, so that it can be killed as a machine kills it, and started again.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import Visitor
from tests.people import VITAL_SIGNS, make_site, make_user
from trial import drafts
from trial.actions import forms, subjects
from trial.history import item_changes
from trial.models import Draft, FormRecord, Subject

HELD = "Object.keys(sessionStorage).filter((key) => key.startsWith('cradle-draft:')).length"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class Server:
    """The web server on the test's database."""

    def __init__(self, log: Path) -> None:
        self.log = log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "trial.conf.wsgi", "--threads=4", f"--bind=127.0.0.1:{self.port}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, start_new_session=True, stdout=log, stderr=log, env=os.environ)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/sign-in/", timeout=5).close()
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"The server did not start: {self.log.read_text()}")

    def kill(self) -> None:
        """As a machine does it: no farewell to the browser or to PostgreSQL."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None


@pytest.fixture
def server(committed_db: None, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server.log")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def record(committed_db: None) -> FormRecord:
    site = make_site("NL01")
    coordinator = make_user("site-coordinator", site)
    make_user("site-coordinator", site, "colleague")
    subject = subjects.screen_subject(site=site, by=coordinator)
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    return forms.save_form(record=record, values=VITAL_SIGNS, by=coordinator).record


@pytest.fixture
def visitor(record: FormRecord, server: Server, browser: Browser) -> Iterator[Callable[[str], Visitor]]:
    contexts = []

    def arrive(username: str) -> Visitor:
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 900}))
        return Visitor(contexts[-1].new_page(), server.url).sign_in(username)

    yield arrive
    for context in contexts:
        context.close()


def correct(visitor: Visitor, record: FormRecord, **answers: str) -> Visitor:
    visitor.open(f"/forms/{record.pk}/").fill(**answers)
    visitor.page.select_option("[name=reason_code]", "entry-error")
    return visitor


def versions(record: FormRecord, item: str) -> list[str]:
    return [str(change.new) for change in item_changes(record.spec.model, record.pk, [item])]


def press_save(visitor: Visitor) -> None:
    """Without waiting for the page that follows, as it may never come."""
    visitor.page.click("button[data-save]", no_wait_after=True)


def wait_until(visitor: Visitor, seen: Callable[[], bool]) -> None:
    for _ in range(100):
        if seen():
            return
        visitor.page.wait_for_timeout(100)
    raise AssertionError("It did not come to that within 10 seconds.")


def a_save_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


def test_two_browsers_at_one_form_lose_nothing(record: FormRecord, visitor: Callable[[str], Visitor]) -> None:
    first, second = visitor("site-coordinator"), visitor("colleague")
    correct(first, record, hr="130", temp="37.9")
    correct(second, record, hr="140", weight="6.90").save()
    assert "is saved" in second.text()
    first.page.click("button[data-save]")
    assert "Colleague Person saved this form" in first.text()
    mine = first.page.locator("input[name=keep__hr][value=mine]")
    expect(mine).to_be_checked()
    mine.focus()
    first.page.keyboard.press("ArrowLeft")  # theirs, by keyboard
    expect(first.page.locator("input[name=keep__hr][value=theirs]")).to_be_checked()
    first.save()
    row = record.answers()
    assert (row.hr, str(row.temp), str(row.weight)) == (140, "37.9", "6.90")
    assert FormRecord.objects.get(pk=record.pk).version == 3


def test_a_server_killed_during_a_save_saves_nothing_and_the_input_is_there(
    record: FormRecord, server: Server, visitor: Callable[[str], Visitor]
) -> None:
    coordinator = correct(visitor("site-coordinator"), record, hr="130")
    with transaction.atomic():
        Subject.objects.select_for_update().get(pk=record.subject_id)  # so that the save hangs halfway
        press_save(coordinator)
        wait_until(coordinator, a_save_waits)
        server.kill()
    server.start()
    assert versions(record, "hr") == ["120"]
    coordinator.open(f"/forms/{record.pk}/").page.wait_for_load_state("networkidle")
    # At once from the server, or, where the kill came before the draft had arrived, once this window has sent it.
    expect(coordinator.page.locator("[data-draft]")).to_contain_text("130")
    coordinator.page.click("text=Take it up")
    expect(coordinator.page.locator("[name=hr]")).to_have_value("130")
    coordinator.save()
    assert versions(record, "hr") == ["120", "130"]
    assert drafts.of(record.created_by) == []


def test_a_save_whose_answer_was_lost_is_saved_once(
    record: FormRecord, server: Server, visitor: Callable[[str], Visitor]
) -> None:
    coordinator = correct(visitor("site-coordinator"), record, hr="130")
    page = coordinator.page
    sent: list[str] = []

    def lose_the_answer(route: Route) -> None:
        sent.append(route.request.post_data or "")
        route.fetch(max_redirects=0)
        server.kill()
        route.abort()

    page.route(f"**/forms/{record.pk}/", lose_the_answer, times=1)
    press_save(coordinator)
    wait_until(coordinator, lambda: server.process is None)
    assert versions(record, "hr") == ["120", "130"]
    server.start()
    again = page.request.post(
        f"{server.url}/forms/{record.pk}/",
        data=sent[0],
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert "This was saved already at" in again.text()
    assert versions(record, "hr") == ["120", "130"]


def test_a_network_cut_while_typing_loses_nothing(record: FormRecord, visitor: Callable[[str], Visitor]) -> None:
    coordinator = correct(visitor("site-coordinator"), record, hr="130")
    page = coordinator.page
    expect(page.locator(".draft-line")).to_contain_text("Kept as a draft at")
    page.context.set_offline(True)
    coordinator.fill(weight="6.90")
    page.locator("[name=weight]").blur()
    expect(page.locator(".draft-line")).to_contain_text("Not reachable: kept in this window, 3 fields; trying again")
    press_save(coordinator)
    expect(page.locator(".draft-line")).to_contain_text("Not reachable")
    assert page.evaluate(HELD) == 1
    page.context.set_offline(False)
    expect(page.locator(".draft-line")).to_contain_text("Kept as a draft at", timeout=15_000)
    assert page.evaluate(HELD) == 0
    assert Draft.objects.get().entries["weight"] == "6.90"
    coordinator.save()
    assert "is saved" in coordinator.text()
    assert versions(record, "weight") == ["6.80", "6.90"]
    assert drafts.of(record.created_by) == []


def test_a_closed_tab_and_an_expired_session_lead_back_to_what_was_typed(
    record: FormRecord, visitor: Callable[[str], Visitor]
) -> None:
    coordinator = correct(visitor("site-coordinator"), record, hr="130")
    page, context = coordinator.page, coordinator.page.context
    expect(page.locator(".draft-line")).to_contain_text("Kept as a draft at")
    page.close()
    page = coordinator.page = context.new_page()
    coordinator.open(f"/forms/{record.pk}/")
    assert "You typed here on" in coordinator.text()
    page.click("text=Take it up")
    page.wait_for_url("**draft=*")  # what is typed before would be typed into the page that goes
    context.clear_cookies()
    coordinator.fill(hr="131")
    page.locator("[name=hr]").blur()
    expect(page.locator(".draft-line")).to_contain_text("You are signed out: kept in this window")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("text=Sign in to go on")
    page.fill("[name=username]", "site-coordinator")
    page.fill("[name=password]", "correct horse battery staple")
    page.click("button[type=submit]")
    expect(page.locator("[data-draft]")).to_contain_text("131")
    page.click("summary:has-text('Person')")
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in/")
    assert drafts.of(record.created_by) == []
