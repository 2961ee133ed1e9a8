"""A visit's form that comes long after its window is asked why: on the page, by the API; never of an import."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.trial.pages import browser, new_url, words
from trial import actions, audit_review, reasons
from trial.history import history, item_changes
from trial.models import FormRecord, Subject, User, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("VA-05")]
VALUES = {"vsdat": "2024-01-03", "temp": "37.2", "sysbp": "90", "diabp": "55", "hr": "120", "weight": "6.80"}


@pytest.fixture(autouse=True)
def asked(settings: Any) -> None:
    settings.ASK_WHY_LATE = True


@pytest.fixture
def visit(subject: Subject) -> Visit:
    return subject.visits.get(code="day_1")


def move_window(visit: Visit, days_ago: int) -> None:
    """The window closed so many days ago."""
    visit.closes = timezone.now().date() - timedelta(days=days_ago)
    visit.opens = visit.closes
    with history(by=User.objects.system(), role="system", site_id=visit.site_id, reason="For a test"):
        visit.save()


def save(visit: Visit, by: User, **options: Any) -> actions.Saved:
    record = actions.new_record(subject=visit.subject, crf_code="vital_signs", visit=visit)
    return actions.save_form(record=record, values=VALUES, by=by, **options)


@pytest.mark.parametrize("days_ago", [13, 30])
def test_only_what_comes_more_than_two_weeks_late_needs_a_reason(
    visit: Visit, coordinator: User, days_ago: int
) -> None:
    move_window(visit, days_ago)
    if days_ago == 13:
        assert save(visit, coordinator).record.version == 1
        return
    with pytest.raises(reasons.ReasonNeeded, match="30 days ago"):
        save(visit, coordinator)
    assert not FormRecord.objects.filter(visit=visit).exists()


def test_the_reason_stands_in_the_history_of_the_form(visit: Visit, coordinator: User) -> None:
    move_window(visit, 30)
    record = save(visit, coordinator, reason="Source came late: chart was lent out").record
    assert item_changes(record.spec.model, record.pk, ["temp"])[-1].reason == "Source came late: chart was lent out"
    (line,) = audit_review.late_entries(record.created_at - timedelta(1), record.created_at)
    assert "30 days after the window had closed" in line.text
    assert line.reason == "Source came late: chart was lent out"


def test_the_page_asks_at_once_and_keeps_what_was_typed(visit: Visit, coordinator: User) -> None:
    move_window(visit, 30)
    client, url = browser(coordinator), new_url(visit.subject, "vital_signs", visit)
    assert "Reason for the late entry" in words(client.get(url))
    refused = client.post(url, {"version": "0", **VALUES})
    assert refused.status_code == 422
    assert "30 days ago" in words(refused)
    assert 'value="6.80"' in refused.content.decode()
    saved = client.post(url, {"version": "0", **VALUES, "reason_code": "late-source"})
    assert saved.status_code == 302


def test_the_api_takes_the_reason_from_its_header(visit: Visit, coordinator: User) -> None:
    move_window(visit, 30)
    client, data = browser(coordinator), {"subject": visit.subject.number, "visit": "day_1", **VALUES}
    refused = client.post("/api/v1/forms/vital_signs/", data, content_type="application/json")
    assert refused.status_code == 400
    assert "30 days ago" in refused.content.decode()
    again = client.post(
        "/api/v1/forms/vital_signs/", data, content_type="application/json", headers={"X-Reason": "Source came late"}
    )
    assert again.status_code == 201


def test_an_import_is_not_asked(visit: Visit, coordinator: User) -> None:
    move_window(visit, 30)
    source = actions.Source(system="csv", id="1", file="vital_signs.csv", line=2, sha256="0" * 64)
    assert save(visit, coordinator, source=source).record.version == 1
