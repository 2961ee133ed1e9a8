"""A lock holds against every path, raw SQL included, and a lock and a save never cross."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from tests.people import VITAL_SIGNS, make_site, make_user
from trial import actions, locks
from trial.actions import forms, subjects
from trial.history import history
from trial.models import FormRecord, Lock, Site, User
from trial.reasons import ReasonNeeded

SCOPES: dict[str, Callable[[FormRecord], Any]] = {
    "form": lambda record: record,
    "visit": lambda record: record.visit,
    "subject": lambda record: record.subject,
    "site": lambda record: record.site,
    "study": lambda record: None,
}
scopes = pytest.mark.parametrize("target", SCOPES.values(), ids=SCOPES.keys())


@contextmanager
def acting(user: User) -> Iterator[Any]:
    with history(by=user, role="site-coordinator"), connection.cursor() as cursor:
        yield cursor


def attempts(record: FormRecord, by: User) -> dict[str, Callable[[], Any]]:
    """Every way to change the form, by name."""
    model = record.spec.model
    table = model._meta.db_table

    def sql(statement: str) -> Callable[[], None]:
        def change() -> None:
            with acting(by) as cursor:
                cursor.execute(statement)

        return change

    def orm(change: Callable[[], Any]) -> Callable[[], None]:
        def changing() -> None:
            with acting(by):
                change()

        return changing

    row = record.answers()
    return {
        "save_form": lambda: forms.save_form(record=record, values={"temp": "40"}, by=by, reason="Entry error"),
        "delete_form": lambda: forms.delete_form(record=record, by=by, reason="Wrong child"),
        "update": orm(lambda: model.objects.filter(pk=record.pk).update(temp=40)),
        "bulk_update": orm(lambda: model.objects.bulk_update([row], ["temp"])),
        "save": orm(row.save),
        "save of the spine": orm(record.save),
        "raw update": sql(f"UPDATE {table} SET temp = 40"),
        "raw update of the spine": sql("UPDATE trial_formrecord SET deleted_at = now(), deleted_reason = 'gone'"),
        "raw move out of the lock": sql("UPDATE trial_formrecord SET visit_id = NULL, sequence = 99"),
        "merge": sql(f"MERGE INTO {table} USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET temp = 40"),
        "insert on conflict": sql(
            f"INSERT INTO {table} (record_id, site_id, missing) VALUES ({record.pk}, {record.site_id}, '{{}}')"
            " ON CONFLICT (record_id) DO UPDATE SET temp = 40"
        ),
        "triggers ignored": sql(
            f"SET LOCAL pgtrigger.ignore = '{{cradle_refuse_locked}}'; UPDATE {table} SET temp = 40"
        ),
        "constraints deferred": sql(f"SET CONSTRAINTS ALL DEFERRED; UPDATE {table} SET temp = 40"),
        "code block": sql(f"DO $$ BEGIN UPDATE {table} SET temp = 40; END $$"),
        "another search path": sql(f"SET LOCAL search_path = pg_temp; UPDATE public.{table} SET temp = 40"),
    }


def refused(change: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            change()
    except locks.Locked:
        return True
    return False


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
@scopes
def test_a_locked_form_does_not_change_by_any_path(
    target: Callable[[FormRecord], Any], vital_signs: FormRecord, coordinator: User, data_manager: User
) -> None:
    actions.lock(target=target(vital_signs), by=data_manager, reason="Interim analysis")
    outcome = {name: refused(change) for name, change in attempts(vital_signs, coordinator).items()}
    assert outcome == dict.fromkeys(outcome, True)
    fresh = FormRecord.objects.get(pk=vital_signs.pk)
    assert (str(fresh.answers().temp), fresh.version, fresh.deleted_at) == ("37.2", 1, None)


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
@scopes
def test_an_unlocked_form_changes_again(
    target: Callable[[FormRecord], Any], vital_signs: FormRecord, coordinator: User, data_manager: User
) -> None:
    actions.lock(target=target(vital_signs), by=data_manager, reason="Interim analysis")
    actions.unlock(target=target(vital_signs), by=data_manager, reason="Correction asked for by the site")
    saved = forms.save_form(record=vital_signs, values={"temp": "38"}, by=coordinator, reason="Entry error")
    assert saved.changed == ("temp",)


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
def test_a_lock_of_another_target_holds_nothing_here(
    vital_signs: FormRecord, coordinator: User, data_manager: User, nl01: Site, it02: Site
) -> None:
    other = subjects.screen_subject(site=nl01, by=coordinator)
    for target in (other, vital_signs.subject.visits.get(code="day_8"), it02):
        actions.lock(target=target, by=data_manager, reason="Interim analysis")
    forms.save_form(record=vital_signs, values={"temp": "38"}, by=coordinator, reason="Entry error")


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
@pytest.mark.parametrize("scope", ["visit", "subject", "site", "study"])
def test_no_form_is_added_under_a_lock(
    scope: str, vital_signs: FormRecord, coordinator: User, data_manager: User
) -> None:
    actions.lock(target=SCOPES[scope](vital_signs), by=data_manager, reason="Interim analysis")
    new = forms.new_record(subject=vital_signs.subject, crf_code="laboratory", visit=vital_signs.visit)
    assert refused(lambda: forms.save_form(record=new, values={}, by=coordinator))
    columns = "subject_id, site_id, visit_id, crf_code, sequence, state, version, time_zone"
    rest = "deleted_reason, source_system, source_id, source_file, source_hash, created_at, updated_at"

    def insert() -> None:
        with acting(coordinator) as cursor:
            cursor.execute(
                f"INSERT INTO trial_formrecord ({columns}, {rest}, created_by_id, updated_by_id)"
                f" SELECT subject_id, site_id, visit_id, 'laboratory', 1, state, 0, time_zone, {rest},"
                " created_by_id, updated_by_id FROM trial_formrecord"
            )

    assert refused(insert)
    assert FormRecord.objects.count() == 1


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
@pytest.mark.parametrize("scope", ["subject", "site", "study"])
def test_a_locked_subject_keeps_its_entry_date_and_windows(
    scope: str, vital_signs: FormRecord, coordinator: User, data_manager: User
) -> None:
    actions.lock(target=SCOPES[scope](vital_signs), by=data_manager, reason="Interim analysis")
    for statement in (
        "UPDATE trial_subject SET entered_on = '2020-01-01'",
        "UPDATE trial_visit SET target = '2020-01-01'",
        "INSERT INTO trial_visit (subject_id, site_id, code, position)"
        " SELECT id, site_id, 'extra', 99 FROM trial_subject",
    ):
        with pytest.raises(locks.Locked), acting(coordinator) as cursor:
            cursor.execute(statement)


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
def test_a_form_does_not_slip_out_of_a_lock_by_moving(
    vital_signs: FormRecord, coordinator: User, data_manager: User, nl01: Site
) -> None:
    free = subjects.screen_subject(site=nl01, by=coordinator)
    move = "UPDATE trial_formrecord SET subject_id = %s, visit_id = NULL"
    actions.lock(target=vital_signs.subject, by=data_manager, reason="Interim analysis")
    with pytest.raises(locks.Locked), acting(coordinator) as cursor:
        cursor.execute(move, [free.pk])
    actions.unlock(target=vital_signs.subject, by=data_manager, reason="Correction asked for")
    actions.lock(target=free, by=data_manager, reason="Interim analysis")
    with pytest.raises(locks.Locked), acting(coordinator) as cursor:
        cursor.execute(move, [free.pk])


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
def test_screening_stops_at_a_locked_site(nl01: Site, it02: Site, coordinator: User, data_manager: User) -> None:
    actions.lock(target=nl01, by=data_manager, reason="Site closed")
    with pytest.raises(locks.Locked):
        subjects.screen_subject(site=nl01, by=coordinator)
    assert subjects.screen_subject(site=it02, by=make_user("site-coordinator", it02, "other")).number == "S001"


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
def test_a_forged_number_does_not_keep_an_unlock_newest_for_ever(
    vital_signs: FormRecord, coordinator: User, data_manager: User
) -> None:
    with history(by=data_manager, role="data-manager"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trial_lock (id, scope, locked, at, by_id, role, reason)"
            " VALUES (9000000000000000000, 'study', false, now(), %s, 'data-manager', 'Early unlock')",
            [data_manager.pk],
        )
    actions.lock(target=None, by=data_manager, reason="Final analysis")
    assert refused(attempts(vital_signs, coordinator)["raw update"])


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
def test_only_who_locks_may_lock_and_says_why(
    vital_signs: FormRecord, coordinator: User, data_manager: User, monitor: User
) -> None:
    for person in (coordinator, monitor):
        for change in (actions.lock, actions.unlock):
            with pytest.raises(PermissionDenied):
                change(target=vital_signs, by=person, reason="Interim analysis")
    with pytest.raises(ReasonNeeded):
        actions.lock(target=vital_signs, by=data_manager, reason=" . ")
    assert not Lock.objects.exists()
    actions.lock(target=vital_signs, by=data_manager, reason="Interim analysis")
    with pytest.raises(ReasonNeeded):
        actions.unlock(target=vital_signs, by=data_manager, reason="")
    assert locks.is_locked(vital_signs)


@pytest.mark.django_db
def test_an_unlock_opens_its_own_scope_only(vital_signs: FormRecord, coordinator: User, data_manager: User) -> None:
    actions.lock(target=vital_signs, by=data_manager, reason="Verified")
    actions.lock(target=vital_signs.subject, by=data_manager, reason="Interim analysis")
    actions.unlock(target=vital_signs.subject, by=data_manager, reason="Interim analysis done")
    assert refused(attempts(vital_signs, coordinator)["save_form"])
    actions.unlock(target=vital_signs, by=data_manager, reason="Correction asked for")
    assert not refused(attempts(vital_signs, coordinator)["save_form"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row",
    [
        {"scope": "form"},
        {"scope": "subject"},
        {"scope": "study", "site": True},
        {"scope": "planet"},
        {"scope": "study", "reason": ""},
    ],
    ids=["form without a form", "subject without a subject", "study with a site", "unknown scope", "no reason"],
)
def test_a_lock_that_names_no_target_is_refused(row: dict[str, Any], nl01: Site, data_manager: User) -> None:
    given = {"reason": "Interim analysis", **row}
    if given.pop("site", None):
        given["site"] = nl01
    with pytest.raises(DatabaseError), history(by=data_manager, role="data-manager"):
        Lock.objects.create(locked=True, by=data_manager, role="data-manager", **given)


# --- two sessions --------------------------------------------------------------------------------------------------


class Session(threading.Thread):
    """Work in a session of its own; `join` raises what it raised."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.error: Exception | None = None
        self.ended_at = 0.0

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:
            self.error = error
        finally:
            self.ended_at = time.monotonic()
            connection.close()


@pytest.fixture
def committed_form(committed_db: None) -> tuple[FormRecord, User, User]:
    site = make_site("NL01")
    coordinator, data_manager = make_user("site-coordinator", site), make_user("data-manager")
    subject = subjects.screen_subject(site=site, by=coordinator)
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    return forms.save_form(record=record, values=VITAL_SIGNS, by=coordinator).record, coordinator, data_manager


@pytest.mark.requirement("DE-06")
def test_a_lock_waits_for_an_open_save_and_the_next_save_is_refused(
    committed_form: tuple[FormRecord, User, User],
) -> None:
    record, coordinator, data_manager = committed_form
    lock = Session(lambda: actions.lock(target=record, by=data_manager, reason="Interim analysis"))
    with transaction.atomic():
        forms.save_form(record=record, values={"temp": "38"}, by=coordinator, reason="Entry error")
        lock.start()
        lock.join(0.3)
        assert lock.is_alive()
        committed_at = time.monotonic()
    lock.join(5)
    assert lock.error is None
    assert lock.ended_at > committed_at
    assert refused(attempts(record, coordinator)["save_form"])
    assert str(record.answers().temp) == "38.0"


@pytest.mark.requirement("DE-06")
def test_a_save_waits_for_an_open_lock_and_is_then_refused(committed_form: tuple[FormRecord, User, User]) -> None:
    record, coordinator, data_manager = committed_form
    save = Session(lambda: forms.save_form(record=record, values={"temp": "38"}, by=coordinator, reason="Entry error"))
    with transaction.atomic():
        actions.lock(target=record, by=data_manager, reason="Interim analysis")
        save.start()
        save.join(0.3)
        assert save.is_alive()
    save.join(5)
    assert isinstance(save.error, locks.Locked)
    assert str(record.answers().temp) == "37.2"


@pytest.mark.requirement("DE-06")
@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_session_with_an_old_snapshot_cannot_write_past_a_new_lock(
    isolation: str, committed_form: tuple[FormRecord, User, User]
) -> None:
    record, coordinator, data_manager = committed_form
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
            cursor.execute("SELECT count(*) FROM trial_lock")
        lock = Session(lambda: actions.lock(target=record, by=data_manager, reason="Interim analysis"))
        lock.start()
        lock.join(5)
        assert not lock.is_alive()
        with pytest.raises(DatabaseError, match="READ COMMITTED"):
            attempts(record, coordinator)["raw update"]()
    assert str(record.answers().temp) == "37.2"
