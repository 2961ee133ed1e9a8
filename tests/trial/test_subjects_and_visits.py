"""Subject numbers, planned visits that follow their anchors, and whose clock counts."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from tests.people import VITAL_SIGNS, make_site, make_user
from trial import protocol
from trial.actions import forms, subjects
from trial.history import history, rows_of
from trial.models import FormRecord, Lock, QueryMessage, Site, Subject, User
from trial.visit_schedule import Due, due


@pytest.mark.django_db
def test_numbers_run_through_the_trial_whatever_the_site(nl01: Site, it02: Site, coordinator: User) -> None:
    other = make_user("site-coordinator", it02, "other")
    numbers = [
        subjects.screen_subject(site=site, by=by).number
        for site, by in ((nl01, coordinator), (it02, other), (nl01, coordinator))
    ]
    assert numbers == ["S001", "S002", "S003"]


@pytest.mark.django_db
def test_a_failed_screening_keeps_its_number(nl01: Site, coordinator: User) -> None:
    failed = subjects.screen_subject(site=nl01, by=coordinator)
    with history(by=coordinator, role="site-coordinator"):
        failed.state = "screen failed"
        failed.save()
    assert subjects.screen_subject(site=nl01, by=coordinator).number == "S002"


@pytest.mark.django_db
def test_numbers_go_on_after_999_and_after_imported_ones(nl01: Site, coordinator: User) -> None:
    subjects.screen_subject(site=nl01, by=coordinator, number="S999")
    subjects.screen_subject(site=nl01, by=coordinator, number="P-17")
    assert [subjects.screen_subject(site=nl01, by=coordinator).number for _ in range(2)] == ["S1000", "S1001"]


@pytest.mark.django_db
def test_a_number_is_given_once(nl01: Site, coordinator: User) -> None:
    subjects.screen_subject(site=nl01, by=coordinator, number="S007")
    with pytest.raises(subjects.NumberTaken, match="S007 exists"):
        subjects.screen_subject(site=nl01, by=coordinator, number="S007")
    assert Subject.objects.count() == 1


@pytest.mark.requirement("AC-03")
@pytest.mark.django_db
def test_screening_at_another_site_is_refused(it02: Site, coordinator: User, data_manager: User) -> None:
    for person in (coordinator, data_manager):
        with pytest.raises(PermissionDenied):
            subjects.screen_subject(site=it02, by=person)
    assert not Subject.objects.exists()


def test_two_screenings_at_once_get_two_numbers(committed_db: None) -> None:
    site = make_site("NL01")
    coordinator = make_user("site-coordinator", site)
    numbers: list[str] = []

    def screen() -> None:
        numbers.append(subjects.screen_subject(site=site, by=coordinator).number)
        connection.close()

    second = threading.Thread(target=screen)
    with transaction.atomic():
        numbers.append(subjects.screen_subject(site=site, by=coordinator).number)
        second.start()
        second.join(0.3)
        assert second.is_alive()
    second.join(5)
    assert numbers == ["S001", "S002"]


@pytest.mark.django_db
def test_statements_of_enrolling_stay_within_the_budget(
    nl01: Site, coordinator: User, django_assert_max_num_queries: Any
) -> None:
    coordinator.current_memberships()
    with django_assert_max_num_queries(25):
        subjects.screen_subject(site=nl01, by=coordinator)


# --- visits --------------------------------------------------------------------------------------------------------


def windows(subject: Subject) -> dict[str, tuple[date | None, date | None, date | None]]:
    return {visit.code: (visit.target, visit.opens, visit.closes) for visit in subject.visits.all()}


def start_block(subject: Subject, by: User, day: str) -> FormRecord:
    record = forms.new_record(subject=subject, crf_code="treatment_block")
    values = {"block": "MARMA", "ecstdat": day, "econgo": "Y", "per_protocol": "Y"}
    known = {item.name for item in record.spec.items}
    return forms.save_form(record=record, values={k: v for k, v in values.items() if k in known}, by=by).record


@pytest.mark.django_db
def test_a_new_subject_has_all_visits_without_dates(subject: Subject) -> None:
    assert [visit.code for visit in subject.visits.all()] == [visit.code for visit in protocol.get().schedule]
    assert set(windows(subject).values()) == {(None, None, None)}


@pytest.mark.django_db
def test_visits_follow_their_anchor_and_no_other(subject: Subject, coordinator: User) -> None:
    record = start_block(subject, coordinator, "2024-03-01")
    definition = protocol.get().visit("before_marma")
    target = date(2024, 3, 1) + timedelta(days=definition.days)
    before, after = timedelta(days=definition.before), timedelta(days=definition.after)
    assert windows(subject)["before_marma"] == (target, target - before, target + after)
    moved = [code for code, dates in windows(subject).items() if dates != (None, None, None)]
    assert moved == ["before_marma"]
    forms.save_form(record=record, values={"ecstdat": "2024-03-05"}, by=coordinator, reason="Entry error")
    assert windows(subject)["before_marma"][0] == target + timedelta(days=4)
    forms.delete_form(record=record, by=coordinator, reason="Entered for the wrong child")
    assert windows(subject)["before_marma"] == (None, None, None)


@pytest.mark.django_db
def test_a_form_is_due_within_its_window(subject: Subject, coordinator: User) -> None:
    start_block(subject, coordinator, "2024-03-01")
    planned = subject.visits.get(code="before_marma").planned
    assert planned.opens
    assert planned.target
    assert planned.closes
    day = timedelta(days=1)
    edges = [planned.opens - day, planned.opens, planned.target, planned.closes, planned.closes + day]
    assert [due(planned, today) for today in edges] == [Due.NOT_DUE, Due.DUE, Due.DUE, Due.DUE, Due.OVERDUE]


@pytest.mark.django_db
def test_windows_that_move_leave_history_with_their_cause(subject: Subject, coordinator: User) -> None:
    start_block(subject, coordinator, "2024-03-01")
    visit = subject.visits.get(code="before_marma")
    row = rows_of(type(visit), visit.pk)[-1]
    assert (row.target, row.pgh_actor) == (visit.target, coordinator)


# --- whose clock ---------------------------------------------------------------------------------------------------


@pytest.mark.requirement("VA-01")
@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [datetime(2001, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)])
def test_a_wrong_clock_of_the_application_changes_no_time_of_history(wrong: datetime, nl01: Site) -> None:
    coordinator, data_manager = make_user("investigator", nl01), make_user("data-manager")
    system = User.objects.system()
    with time_machine.travel(wrong, tick=False), history(by=system, role="system"):
        for person in (coordinator, data_manager):
            person.memberships.update(starts_on=date(2000, 1, 1))
    subject = subjects.screen_subject(site=nl01, by=coordinator)
    with time_machine.travel(wrong, tick=False):
        record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
        record = forms.save_form(record=record, values={**VITAL_SIGNS, "sysbp": 50}, by=coordinator).record
        with history(by=data_manager, role="data-manager"):
            Lock.objects.create(scope="form", record=record, locked=True, by=data_manager, role="x", reason="Test")
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    row = rows_of(record.spec.model, record.pk)[-1]
    for moment in (row.pgh_created_at, Lock.objects.get().at, QueryMessage.objects.earliest("id").at):
        assert timedelta(0) <= now - moment < timedelta(minutes=1)
        assert moment.utcoffset() == timedelta(0)


@pytest.mark.requirement("VA-01")
@pytest.mark.django_db
def test_history_is_kept_in_utc_whatever_the_session_says(vital_signs: FormRecord, coordinator: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Australia/Sydney'")
        forms.save_form(record=vital_signs, values={"temp": "38"}, by=coordinator, reason="Entry error")
        cursor.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        (now,) = cursor.fetchone()
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
    row = rows_of(vital_signs.spec.model, vital_signs.pk)[-1]
    assert timedelta(0) <= now.replace(tzinfo=UTC) - row.pgh_created_at < timedelta(minutes=1)
