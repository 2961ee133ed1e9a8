"""Source data verification and review: marks per item, the plan, and what falls when a value changes."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from tests.people import VITAL_SIGNS, give_consent, make_site, make_user
from tests.trial.pages import browser, save, typed
from trial import protocol, roles, verification
from trial.actions import forms, subjects
from trial.actions import verification as marking
from trial.crf import registry
from trial.history import history
from trial.lifecycle import WrongState
from trial.models import FormRecord, ReviewKind, ReviewMark, Site, Subject, User, VerificationPlan
from trial.reasons import ReasonNeeded
from trial.verification import PERMISSIONS

SDV = ReviewKind.SDV
ALL, END_POINTS = VerificationPlan.Extent.ALL, VerificationPlan.Extent.END_POINTS
REASON = "Source document corrected"


def verify(record: FormRecord, by: User, *items: str) -> ReviewMark:
    version = FormRecord.objects.get(pk=record.pk).version
    return marking.mark(record=record, kind=SDV, items=items or None, by=by, expected_version=version)


def stands(record: FormRecord) -> set[str]:
    found = verification.standing([record]).get((record.pk, SDV))
    return set(found.items) if found else set()


@pytest.mark.requirement("DE-05")
@pytest.mark.django_db
def test_items_and_whole_forms_are_verified(vital_signs: FormRecord, monitor: User) -> None:
    verify(vital_signs, monitor, "temp", "hr")
    found = verification.standing([vital_signs])[vital_signs.pk, SDV]
    assert (set(found.items), found.whole, found.by) == ({"temp", "hr"}, False, "Monitor Person")
    verify(vital_signs, monitor)
    found = verification.standing([vital_signs])[vital_signs.pk, SDV]
    assert found.whole
    assert found.items == {item.name for item in vital_signs.spec.items}


def by_page(record: FormRecord, by: User) -> None:
    data = typed(record.spec, {**VITAL_SIGNS, "temp": "38.1"}) | {"reason_code": "other", "reason_text": REASON}
    assert save(browser(by), f"/forms/{record.pk}/", data, version=1).status_code == 302


def by_api(record: FormRecord, by: User) -> None:
    answer = browser(by).patch(
        f"/api/v1/forms/vital_signs/{record.pk}/",
        {"temp": "38.1"},
        content_type="application/json",
        headers={"If-Match": "1", "X-Reason": REASON},
    )
    assert answer.status_code == 200


def by_import(record: FormRecord, by: User) -> None:
    source = forms.Source(system="lab", id="7", file="vitals.csv", line=2, sha256="0" * 64)
    forms.save_form(record=record, values={"temp": "38.1"}, by=by, reason=REASON, source=source)


def by_sql(record: FormRecord, by: User) -> None:
    with history(by=by, role="site-coordinator", reason=REASON), connection.cursor() as cursor:
        cursor.execute("UPDATE patients_vitalsigns SET temp = 38.1 WHERE record_id = %s", [record.pk])


@pytest.mark.requirement("DE-05")
@pytest.mark.django_db
@pytest.mark.parametrize("change", [by_page, by_api, by_import, by_sql])
def test_a_changed_value_drops_its_mark_by_any_path(
    change: Callable[[FormRecord, User], None], vital_signs: FormRecord, coordinator: User, monitor: User
) -> None:
    verify(vital_signs, monitor)
    change(vital_signs, coordinator)
    newest = ReviewMark.objects.latest("id")
    assert (newest.given, newest.items, newest.by) == (False, ["temp"], coordinator)
    assert REASON in newest.reason
    assert "temp" not in stands(vital_signs)
    assert "hr" in stands(vital_signs)
    (fallen,) = verification.dropped(monitor)
    assert (fallen.record, fallen.items, fallen.by) == (vital_signs, ("temp",), "Site Coordinator Person")
    assert REASON in fallen.reason
    verify(vital_signs, monitor, "temp")
    assert verification.dropped(monitor) == []
    assert verification.standing([vital_signs])[vital_signs.pk, SDV].whole


@pytest.mark.requirement("DE-05")
@pytest.mark.django_db
def test_a_version_that_was_not_seen_is_not_verified(vital_signs: FormRecord, coordinator: User, monitor: User) -> None:
    forms.save_form(record=vital_signs, values={"temp": "38.1"}, by=coordinator, reason=REASON)
    with pytest.raises(WrongState, match=r"after you opened it \(version 2; you saw 1\)\. Nothing was verified"):
        marking.mark(record=vital_signs, kind=SDV, by=monitor, expected_version=1)
    assert not ReviewMark.objects.exists()


@pytest.mark.django_db
def test_only_what_the_form_asks_is_marked(subject: Subject, coordinator: User, monitor: User) -> None:
    give_consent(subject, coordinator)
    record = forms.new_record(subject=subject, crf_code="neurological", visit=subject.visits.get(code="day_1"))
    answers = {"neudat": "2024-01-03", "seizure": "N", "encephalopathy": "N", "neuro_other": "N"}
    record = forms.save_form(record=record, values=answers, by=coordinator).record
    with pytest.raises(WrongState, match="Which is not asked on this form"):
        verify(record, monitor, "neuro_other_text")
    with pytest.raises(WrongState, match="has no item “nonsense”"):
        verify(record, monitor, "nonsense")
    assert verify(record, monitor).whole
    assert stands(record) == set(answers)


@pytest.mark.django_db
def test_a_mark_is_taken_away_with_a_reason_and_is_no_dropped_one(vital_signs: FormRecord, monitor: User) -> None:
    verify(vital_signs, monitor)
    with pytest.raises(ReasonNeeded):
        marking.unmark(record=vital_signs, kind=SDV, items=["temp"], by=monitor, reason=".")
    marking.unmark(record=vital_signs, kind=SDV, items=["temp"], by=monitor, reason="Wrong page of the source")
    assert "temp" not in stands(vital_signs)
    assert verification.dropped(monitor) == []
    with pytest.raises(WrongState, match="Nothing of this is verified"):
        marking.unmark(record=vital_signs, kind=SDV, items=["temp"], by=monitor, reason="Wrong page of the source")


@pytest.mark.django_db
def test_a_deleted_form_is_neither_verified_nor_listed(
    vital_signs: FormRecord, coordinator: User, monitor: User
) -> None:
    verify(vital_signs, monitor)
    forms.delete_form(record=vital_signs, by=coordinator, reason="Wrong child")
    assert stands(vital_signs) == set()
    assert verification.dropped(monitor) == []
    with pytest.raises(WrongState, match="deleted"):
        verify(vital_signs, monitor)


def test_no_role_both_enters_data_and_reviews_it() -> None:
    """What a person took away and what a change took away are told apart by the role in the mark."""
    enters = {role.code for role in roles.all_roles() if roles.P.ENTER_DATA in role.permissions}
    assert enters.isdisjoint(verification._reviewing_roles())


# --- the plan ------------------------------------------------------------------------------------------------------


def plan(site: Site | None, extent: VerificationPlan.Extent, day: str, by: User) -> VerificationPlan:
    return marking.set_plan(site=site, extent=extent, starts_on=date.fromisoformat(day), by=by)


@pytest.mark.requirement("DE-05")
@pytest.mark.django_db
def test_what_the_plan_asks_waits_until_it_is_verified(
    vital_signs: FormRecord, subject: Subject, coordinator: User, monitor: User, data_manager: User, nl01: Site
) -> None:
    assert verification.to_verify(monitor) == []
    plan(None, END_POINTS, "2024-01-01", data_manager)
    assert verification.to_verify(monitor) == []  # no end point is made of vital signs
    record = forms.new_record(subject=subject, crf_code="follow_up", visit=subject.visits.get(code="fu_03"))
    answers = {"fudat": "2024-06-03", "alive": "N"}
    record = forms.save_form(record=record, values=answers, by=coordinator).record
    (waiting,) = verification.to_verify(monitor)
    assert (waiting.record_id, waiting.items) == (record.pk, ("fudat", "alive"))  # remission is not asked of the dead
    (line,) = verification.subjects_to_verify(monitor)
    assert (line.subject, line.forms, line.items) == (subject.number, 1, 2)
    verify(record, monitor, "fudat")
    assert verification.to_verify(monitor)[0].items == ("alive",)
    verify(record, monitor, "alive")
    assert verification.count_to_verify(monitor) == 0
    plan(nl01, ALL, "2024-02-01", data_manager)
    assert [one.record_id for one in verification.to_verify(monitor)] == [vital_signs.pk]
    assert verification.to_verify(coordinator) == []


@pytest.mark.django_db
def test_the_newest_plan_that_has_begun_counts(data_manager: User, nl01: Site, it02: Site) -> None:
    plan(nl01, END_POINTS, "2024-01-01", data_manager)
    everywhere = plan(None, ALL, "2024-03-01", data_manager)
    later = plan(nl01, END_POINTS, "2024-05-01", data_manager)
    by_april = verification.plans(date(2024, 4, 1))
    assert (verification.plan_at(nl01.pk, by_april), verification.plan_at(it02.pk, by_april)) == (
        everywhere,
        everywhere,
    )
    by_june = verification.plans(date(2024, 6, 1))
    assert (verification.plan_at(nl01.pk, by_june), verification.plan_at(it02.pk, by_june)) == (later, everywhere)
    assert verification.plan_at(it02.pk, verification.plans(date(2024, 2, 1))) is None


def test_end_points_name_items_that_there_are() -> None:
    named = [(code, item) for code, items in protocol.get().end_points.items() for item in items]
    assert named
    assert [(code, item) for code, item in named if not registry.get(code).has_item(item)] == []


@pytest.mark.django_db
def test_the_lists_take_few_statements(
    vital_signs: FormRecord, monitor: User, data_manager: User, django_assert_max_num_queries: Any
) -> None:
    plan(None, ALL, "2024-01-01", data_manager)
    verify(vital_signs, monitor, "temp")
    monitor.current_memberships()
    with django_assert_max_num_queries(3):
        assert len(verification.to_verify(monitor)) == 1
    with django_assert_max_num_queries(1):
        verification.standing([vital_signs])
    with django_assert_max_num_queries(3):
        verification.dropped(monitor)


# --- two sessions --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("DE-05")
@pytest.mark.parametrize("change", ["save", "sql"])
def test_verifying_while_another_saves_marks_nothing_that_was_not_seen(change: str, committed_db: None) -> None:
    site = make_site("NL01")
    coordinator, monitor = make_user("site-coordinator", site), make_user("monitor", site)
    subject = subjects.screen_subject(site=site, by=coordinator)
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    record = forms.save_form(record=record, values=VITAL_SIGNS, by=coordinator).record
    refused: list[Exception] = []

    def verifying() -> None:
        try:
            marking.mark(record=record, kind=SDV, by=monitor, expected_version=1)
        except WrongState as error:
            refused.append(error)
        finally:
            connection.close()

    session = threading.Thread(target=verifying, daemon=True)
    with transaction.atomic():
        if change == "save":
            forms.save_form(record=record, values={"temp": "38.1"}, by=coordinator, reason=REASON)
        else:
            by_sql(record, coordinator)
        session.start()
        session.join(0.3)
        assert session.is_alive()
    session.join(5)
    assert not session.is_alive()
    if change == "save":
        assert "version 2; you saw 1" in str(refused[0])
        assert not ReviewMark.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(ReviewKind))
def test_each_kind_of_mark_has_its_own_permission(kind: ReviewKind, vital_signs: FormRecord, nl01: Site) -> None:
    for role in roles.all_roles():
        if role.code == "system":
            continue
        person = make_user(role.code, nl01, f"one-{role.code}") if role.code != "site-coordinator" else None
        if person is None:
            continue
        if PERMISSIONS[kind] in role.permissions:
            marking.mark(record=vital_signs, kind=kind, by=person, expected_version=1)
        else:
            with pytest.raises(PermissionDenied):
                marking.mark(record=vital_signs, kind=kind, by=person, expected_version=1)
    assert [mark.kind for mark in ReviewMark.objects.all()] == [kind]


@pytest.mark.django_db
def test_marks_of_one_kind_leave_those_of_another(vital_signs: FormRecord, monitor: User, data_manager: User) -> None:
    verify(vital_signs, monitor, "temp")
    marking.mark(record=vital_signs, kind=ReviewKind.DATA, by=data_manager, expected_version=1)
    found = verification.standing([vital_signs])
    assert {kind: len(one.items) for (_, kind), one in found.items()} == {"sdv": 1, "data": 6}
