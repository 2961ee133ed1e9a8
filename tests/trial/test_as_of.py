"""Any page as it stood: made from history alone, and the same as it was then."""

import difflib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from tests import people
from tests.trial.pages import browser as signed_in
from tests.trial.pages import words
from trial import as_of, history, moments
from trial.actions import forms, locks, queries, subjects
from trial.models import FormRecord, Prompt, User
from trial.views.past import PREFIX, address

pytestmark = pytest.mark.usefixtures("committed_db")

VALUES = {"vsdat": "2018-07-20", "sysbp": "80", "diabp": "50", "weight": "6.8", "temp": "37.2"}


def main_of(page: bytes) -> str:
    """What a page says of the data: without the frame, tokens, what can be done now, and addresses of the past."""
    found = re.search(r'<div class="page">(.*)</main>', page.decode(), re.S)
    if not found:
        raise AssertionError(page.decode()[:2000])
    said = re.sub(r'<input type="hidden"[^>]*>|<div class="actions">.*?</div>', "", found[1], flags=re.S)
    return re.sub(rf"{PREFIX}[^/]+/", "/", said)


@dataclass
class Recorder:
    """Keeps what the pages showed, and when."""

    client: Client
    addresses: list[str]
    kept: list[tuple[datetime, dict[str, str]]] = field(default_factory=list)

    def look(self) -> datetime:
        shown = {path: main_of(self.client.get(path).content) for path in self.addresses}
        moment = datetime.now(UTC)
        self.kept.append((moment, shown))
        return moment

    def differences(self) -> list[str]:
        found: list[str] = []
        for moment, shown in self.kept:
            for path, was in shown.items():
                now = main_of(self.client.get(f"{PREFIX}{address(moment)}{path}").content)
                found += difflib.unified_diff(was.split("\n"), now.split("\n"), lineterm="", n=1)
        return found


def test_pages_of_three_past_moments_are_what_they_were(committed_db: None) -> None:
    site = people.make_site("NL01")
    nurse, manager = people.make_user("site-coordinator", site), people.make_user("data-manager")
    subject = subjects.screen_subject(site=site, by=nurse)
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    forms.save_form(record=record, values=VALUES, by=nurse)
    recorder = Recorder(reader(), [f"/subjects/{subject.number}/", f"/forms/{record.pk}/"])
    recorder.look()

    forms.save_form(record=record, values={"sysbp": "40"}, by=nurse, reason="Read again", expected_version=1)
    queries.open_query(target=record, item="weight", text="Is that in kg?", by=manager)
    recorder.look()

    with_a_save_held_open(record, nurse, recorder.look)
    locks.freeze(target=record, by=manager, reason="Clean")
    recorder.look()
    forms_after_unlocking(record, nurse, manager)
    recorder.look()

    assert len({tuple(shown.values()) for _, shown in recorder.kept}) == 4  # the held save was not yet to be seen
    assert recorder.kept[1][1] == recorder.kept[2][1]
    assert "\n".join(recorder.differences()) == ""


def reader() -> Client:
    return signed_in(people.make_user("inspector"))


def with_a_save_held_open(
    record: FormRecord, nurse: User, look: Callable[[], datetime], values: dict[str, str] | None = None
) -> None:
    """A save of another connection has written its rows, and commits only after `look`."""
    written, go_on = threading.Event(), threading.Event()

    def save() -> None:
        try:
            with transaction.atomic():
                forms.save_form(record=record, values=values or {"weight": "7.1"}, by=nurse, reason="Other scale")
                written.set()
                go_on.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=save)
    thread.start()
    assert written.wait(20)
    try:
        look()
    finally:
        go_on.set()
        thread.join(20)


def forms_after_unlocking(record: FormRecord, nurse: User, manager: User) -> None:
    locks.unfreeze(target=record, by=manager, reason="Typing error")
    forms.save_form(record=record, values={"sysbp": "84"}, by=nurse, reason="Typing error")


def test_the_past_can_only_be_read(committed_db: None) -> None:
    site = people.make_site("NL01")
    nurse = people.make_user("site-coordinator", site)
    subject = subjects.screen_subject(site=site, by=nurse)
    moment = datetime.now(UTC)
    client = signed_in(nurse)
    past = f"{PREFIX}{address(moment)}"
    shown = client.get(f"{past}/subjects/{subject.number}/")
    assert b"Read only" in shown.content
    assert b"/new/" not in shown.content
    assert client.post(f"{past}/subjects/{subject.number}/").status_code == 405
    assert client.get(f"{past}/queries/")["Location"] == "/queries/"
    assert client.get(f"{PREFIX}2999-01-01T00:00:00Z/subjects/{subject.number}/").status_code == 404
    assert client.get(f"{PREFIX}yesterday/subjects/{subject.number}/").status_code == 404
    with as_of.showing(moment), pytest.raises(Exception, match="view"):
        FormRecord.objects.create(subject=subject, site=site, crf_code="consent", created_by=nurse, updated_by=nurse)


def test_another_site_has_no_past_either(committed_db: None) -> None:
    site = people.make_site("NL01")
    subject = subjects.screen_subject(site=site, by=people.make_user("site-coordinator", site))
    client = signed_in(people.make_user("site-coordinator", people.make_site("IT02"), "stranger"))
    past = f"{PREFIX}{address(datetime.now(UTC))}/subjects/{subject.number}/"
    assert client.get(past).status_code == 404


def test_a_moment_that_cannot_be_shown_is_refused_in_a_sentence(committed_db: None) -> None:
    site = people.make_site("NL01")
    number = subjects.screen_subject(site=site, by=people.make_user("site-coordinator", site)).number
    page = reader()

    def ask(day: str, time: str = "") -> Any:
        return page.get(reverse("as-of", args=[number]), {"day": day, "time": time})

    refused = {("foo", ""): "not a date", ("1 jan 2099", ""): "lies ahead", ("31 dec 9999", ""): "Date: "}
    refused |= {("3 jan 2024", "25:00"): "not a time", ("", ""): "Date: This field is required"}
    for (day, time), sentence in refused.items():
        answer = ask(day, time)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert ask(f"{tomorrow:%d-%b-%Y}", "23:59").status_code == 422
    assert ask(f"{datetime.now(UTC):%d-%b-%Y}").status_code == 302


def test_the_band_names_the_moment_on_the_clock_of_the_site_and_in_utc(committed_db: None) -> None:
    site = people.make_site("NL01")
    nurse, inspector = people.make_user("site-coordinator", site), people.make_user("inspector")
    people.make_site("IT02")
    subject = subjects.screen_subject(site=site, by=nurse)
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    forms.save_form(record=record, values=VALUES, by=nurse)
    moment = datetime.now(UTC)
    here = f"{moments.show(moment, 'Europe/Amsterdam')}, {moment:%d-%b-%Y %H:%M} UTC"

    def band(user: User, path: str) -> str:
        return words(signed_in(user).get(f"{PREFIX}{address(moment)}{path}"))

    assert f"As it stood at {here}" in band(inspector, f"/subjects/{subject.number}/")
    assert f"As it stood at {here}" in band(inspector, f"/forms/{record.pk}/")
    assert f"As it stood at {here}" in band(nurse, "/subjects/")
    assert f"As it stood at {moment:%d-%b-%Y %H:%M} UTC" in band(inspector, "/subjects/")  # of two clocks


def test_what_a_check_said_is_seen_once_its_save_is_committed(committed_db: None) -> None:
    site = people.make_site("NL01")
    nurse = people.make_user("site-coordinator", site)
    subject = subjects.screen_subject(site=site, by=nurse)
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    record = forms.save_form(record=record, values=VALUES, by=nurse).record

    def said() -> list[str]:
        with as_of.showing(datetime.now(UTC)):
            return list(Prompt.objects.values_list("item", flat=True))

    seen: list[str] = []

    def look() -> datetime:
        seen.extend(said())
        return datetime.now(UTC)

    with_a_save_held_open(record, nurse, look, {"weight": "90"})
    assert "weight" not in seen
    assert "weight" in said()


def test_a_number_of_another_transaction_is_not_believed(committed_db: None) -> None:
    """Nobody can date a change back by naming an old changeset."""
    site = people.make_site("NL01")
    nurse = people.make_user("site-coordinator", site)
    subject = subjects.screen_subject(site=site, by=nurse)
    rows = history.history_model(type(subject)).objects
    old = rows.get(pgh_label="insert").pgh_changeset
    with history.history(by=nurse, role="site-coordinator"), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('cradle.changeset', %s, true)", [str(old)])
        cursor.execute("UPDATE trial_subject SET source = 'x' WHERE id = %s", [subject.pk])
    assert rows.get(pgh_label="update", source="x").pgh_changeset not in {None, old}


def test_every_table_with_history_has_its_past() -> None:
    """A new CRF's past can be shown unasked; a table that is left out is named here with the reason."""
    people_and_sites = {"trial_user", "trial_membership", "trial_site", "trial_delegation", "trial_invitation"}
    people_and_sites |= {"trial_training", "trial_verificationplan"}  # who may look is decided today
    reviews = {"trial_auditreview", "trial_accessreview", "trial_signatureacknowledgement"}  # not on a casebook's pages
    events = {"trial_accessevent"}
    here = {table for table in as_of.clinical_tables() if not table.startswith("reports_")}
    assert here - as_of.kept() == people_and_sites | reviews | events
    assert {"trial_lock", "trial_query"} <= as_of.kept()
