"""What queries bring: the numbers of a sequence made by hand, as page and as CSV."""

import csv
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.people import VITAL_SIGNS, make_site, make_user
from tests.trial.pages import browser, words
from trial import actions
from trial.models import AccessEvent, FormRecord, Query, Site, User
from trial.query_value import per_check

ODD = {**VITAL_SIGNS, "sysbp": 50}  # not above the diastolic pressure of 55: VS-01


def enter_at(site: Site, by: User) -> Callable[..., FormRecord]:
    """A function that saves vital signs of a new subject."""

    def save(values: dict[str, Any], **options: Any) -> FormRecord:
        subject = actions.screen_subject(site=site, by=by)
        record = actions.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
        return actions.save_form(record=record, values=values, by=by, **options).record

    return save


@pytest.fixture
def enter(nl01: Site, coordinator: User) -> Callable[..., FormRecord]:
    return enter_at(nl01, coordinator)


def correct(record: FormRecord, by: User, sysbp: int) -> None:
    actions.save_form(record=record, values={"sysbp": sysbp}, by=by, reason="Entry error")


def prompt_and_save(site: Site, by: User, then: dict[str, Any] | None) -> None:
    """Shown at a save that was not made; then perhaps saved after all, by the same submit."""
    subject, submission = actions.screen_subject(site=site, by=by), uuid4()
    visit = subject.visits.get(code="day_1")
    for values in (ODD, then):
        record = actions.new_record(subject=subject, crf_code="vital_signs", visit=visit)
        if values is ODD:
            with pytest.raises(actions.Unconfirmed):
                actions.save_form(record=record, values=values, by=by, seen=[], submission=submission)
        elif values is not None:
            actions.save_form(record=record, values=values, by=by, seen=[], submission=submission)


@pytest.fixture
def manager(committed_db: None) -> User:
    """Reads what eight firings brought: three changed data, two were confirmed, two are open, one was never saved.

    Each save is a transaction of its own, as it is in life: prompts are told from queries by it.
    """
    site = make_site("NL01")
    coordinator, manager = make_user("site-coordinator", site), make_user("data-manager")
    enter = enter_at(site, coordinator)
    correct(enter(ODD), coordinator, 90)
    closed = Query.objects.get(record=enter(ODD))
    actions.answer_query(query=closed, by=coordinator, reply="confirmed")
    actions.close_query(query=closed, by=manager)
    enter(ODD)
    enter(ODD, confirmations={"VS-01": "Measured twice"})
    prompt_and_save(site, coordinator, VITAL_SIGNS)
    correct(enter(ODD), coordinator, 51)
    prompt_and_save(site, coordinator, None)
    return manager


def test_each_firing_is_counted_once_with_what_became_of_it(manager: User) -> None:
    (value,) = per_check()
    assert (value.code, value.fired, value.changed, value.confirmed, value.open, value.left) == ("VS-01", 8, 3, 2, 2, 1)
    assert (value.queries, value.prompts) == (5, 8)
    assert value.changed_share == 0.6
    assert value.days_to_answer == pytest.approx(0, abs=0.01)
    assert value.days_to_close == pytest.approx(0, abs=0.01)
    assert "diastolic" in value.sentence


def test_page_and_csv_show_the_same(manager: User) -> None:
    client = browser(manager)
    page = words(client.get("/queries/value/?sort=share"))
    assert "VS-01" in page
    assert "60%" in page
    answer: Any = client.get("/queries/value/value.csv")
    (line,) = csv.DictReader(b"".join(answer.streaming_content).decode().splitlines())
    assert (line["fired"], line["changed"], line["changed_share"], line["never_changed"]) == ("8", "3", "0.6", "no")
    event = AccessEvent.objects.get(event="list downloaded")
    assert (event.user, event.target, len(event.sha256)) == (manager, "query-value: 1 rows", 64)


def test_a_number_that_cannot_be_given_is_a_dash_with_its_reason(
    enter: Callable[..., FormRecord], data_manager: User
) -> None:
    enter(ODD)
    page = words(browser(data_manager).get("/queries/value/"))
    assert all(reason in page for reason in ("– none settled", "– none answered", "– none closed"))


def test_a_check_that_never_changed_anything_is_pointed_out(
    enter: Callable[..., FormRecord], data_manager: User
) -> None:
    client = browser(data_manager)
    for _ in range(9):
        enter(ODD, confirmations={"VS-01": "Measured twice"})
    assert "never changed anything" not in words(client.get("/queries/value/"))
    enter(ODD, confirmations={"VS-01": "Measured twice"})
    assert "VS-01: confirmed 10 of 10 times" in words(client.get("/queries/value/"))
