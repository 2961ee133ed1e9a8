"""Consent: which version, on which day, and whose parents have to sign a newer one."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.protocol import CONSENT_VERSIONS, consent_version_in_force, reconsent_due_since
from tests.trial.pages import browser, words
from trial import actions, clock, worklists
from trial.models import Query, Subject, User
from trial.worklists import Line, Narrow

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DP-04")]


def consent(subject: Subject, by: User, day: str, version: str, kind: str = "FIRST") -> None:
    record = actions.new_record(subject=subject, crf_code="consent")
    actions.save_form(record=record, values={"icdat": day, "icver": version, "ickind": kind}, by=by)


def enter(subject: Subject, by: User, crf: str, **values: Any) -> None:
    actions.save_form(record=actions.new_record(subject=subject, crf_code=crf), values=values, by=by)


def due(user: User, **narrow: str) -> list[Line] | None:
    worklist = worklists.find("reconsent-due")
    source = worklist.find(user, Narrow(**narrow)) if worklist else None
    return source.lines(0, 50) if source else None


@pytest.mark.parametrize(
    ("day", "in_force"),
    [("2017-12-31", None), ("2018-01-01", "1.0"), ("2019-06-30", "1.0"), ("2019-07-01", "1.1"), ("2026-01-01", "2.0")],
)
def test_the_version_in_force_changes_on_its_day(day: str, in_force: str | None) -> None:
    assert consent_version_in_force(date.fromisoformat(day)) == in_force


@pytest.mark.parametrize(
    ("version", "day", "since"),
    [
        ("1.0", "2019-06-30", None),
        ("1.0", "2019-07-01", "2019-07-01"),
        ("1.0", "2026-01-01", "2019-07-01"),
        ("1.1", "2026-01-01", "2020-09-01"),
        ("2.0", "2026-01-01", None),
        ("2.0", "2020-08-01", None),
        ("0.9 draft", "2026-01-01", "2018-01-01"),
    ],
)
def test_re_consent_is_due_from_the_day_of_the_next_version(version: str, day: str, since: str | None) -> None:
    found = reconsent_due_since(version, date.fromisoformat(day))
    assert found == (date.fromisoformat(since) if since else None)


def test_an_older_version_is_due_until_the_newer_one_is_signed(
    subject: Subject, coordinator: User, data_manager: User, stranger: User, monitor: User
) -> None:
    assert due(coordinator) == []  # not asked yet: the first consent comes first
    consent(subject, coordinator, "2019-05-01", "1.0")
    [line] = due(coordinator) or []
    assert (line.text, line.word) == ("S001: version 1.0 signed, 2.0 is in force", "Re-consent due")
    assert line.since == date(2019, 7, 1)
    assert line.waited == f"{(clock.today() - date(2019, 7, 1)).days} days"
    assert line.url == "/subjects/S001/forms/consent/new/"
    assert [one.url for one in due(data_manager) or []] == ["/subjects/S001/"]
    assert due(stranger) == due(coordinator, site="IT02") == due(coordinator, number="S9") == []
    assert due(monitor) is None
    consent(subject, coordinator, "2019-08-01", "1.1", "AGAIN")
    assert [one.since for one in due(coordinator) or []] == [date(2020, 9, 1)]
    consent(subject, coordinator, "2020-10-01", "2.0", "AGAIN")
    assert due(coordinator) == due(data_manager) == []


def test_an_older_version_signed_too_late_waits_from_its_signature(subject: Subject, coordinator: User) -> None:
    consent(subject, coordinator, "2020-10-03", "1.1")
    assert [line.since for line in due(coordinator) or []] == [date(2020, 10, 3)]


@pytest.mark.parametrize(
    ("crf", "values"),
    [("death", {"dthdat": "2019-12-01"}), ("disposition", {"dsdat": "2019-12-01", "dsdecod": "WITHDRAWAL"})],
)
def test_who_left_the_trial_is_not_asked_again(
    subject: Subject, coordinator: User, crf: str, values: dict[str, str]
) -> None:
    consent(subject, coordinator, "2019-05-01", "1.0")
    assert len(due(coordinator) or []) == 1
    enter(subject, coordinator, crf, **values)
    assert due(coordinator) == []


def test_the_list_has_a_page_and_a_file(subject: Subject, coordinator: User) -> None:
    consent(subject, coordinator, "2019-05-01", "1.0")
    person = browser(coordinator)
    assert "Re-consent due" in words(person.get("/"))
    assert "S001: version 1.0 signed, 2.0 is in force" in words(person.get("/work/reconsent-due/"))
    assert b"".join(person.get("/work/reconsent-due/", {"format": "csv"})).decode().count("S001") > 0


def test_the_list_costs_one_statement_for_its_lines(coordinator: User, subject: Subject) -> None:
    for _ in range(3):
        consent(actions.screen_subject(site=subject.site, by=coordinator), coordinator, "2019-05-01", "1.0")
    due(coordinator)  # the roles are read once
    with CaptureQueriesContext(connection) as counted:
        assert len(due(coordinator) or []) == 3
    assert len(counted) == 1


def test_a_version_that_the_trial_does_not_know_is_asked_about(subject: Subject, coordinator: User) -> None:
    consent(subject, coordinator, "2019-05-01", "1.00")
    assert Query.objects.get(check_code="IC-01").text == (
        "The trial knows no version 1.00 of the consent form. Known are 1.0, 1.1, 2.0: correct it, or ask the trial"
        " manager about a new version."
    )
    assert len(due(coordinator) or []) == 1


def test_a_version_signed_before_its_day_is_asked_about(subject: Subject, coordinator: User) -> None:
    day = CONSENT_VERSIONS["2.0"] - timedelta(days=1)
    consent(subject, coordinator, day.isoformat(), "2.0")
    assert Query.objects.filter(check_code="IC-02").count() == 1
    other = actions.screen_subject(site=subject.site, by=coordinator)
    consent(other, coordinator, CONSENT_VERSIONS["2.0"].isoformat(), "2.0")
    assert Query.objects.filter(subject=other).count() == 0
