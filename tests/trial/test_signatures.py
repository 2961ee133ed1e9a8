"""Electronic signatures: what they cover, what makes them fall, who may give them (ES-02 to ES-08)."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.test import override_settings

from tests.people import make_user
from tests.trial.signing import delegation, enter_vital_signs, shown, sign, sub_investigator
from trial import actions, attestation, locks, moments, signatures, signed_values
from trial.actions.forms import Source
from trial.actions.locks import open_for_correction
from trial.history import history, history_model
from trial.lifecycle import WrongState
from trial.models import (
    AccessEvent,
    Delegation,
    FormRecord,
    Signature,
    SignatureAcknowledgement,
    SignatureVoid,
    SignedForm,
    Site,
    Subject,
    User,
)

pytestmark = pytest.mark.django_db
WRONG = "not my password"


@pytest.fixture(autouse=True)
def quick_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


def state(record: FormRecord) -> str:
    return signatures.standing([record])[record.pk].state


def events(user: User, event: str) -> list[AccessEvent]:
    return list(AccessEvent.objects.filter(user=user, event=event))


# --- what is signed ----------------------------------------------------------------------------------------------


@pytest.mark.requirement("ES-01")
def test_a_signature_keeps_name_time_zone_meaning_and_statement(vital_signs: FormRecord, investigator: User) -> None:
    signature = sign(vital_signs, investigator)
    assert (signature.printed_name, signature.role) == (investigator.full_name, "investigator")
    assert (signature.meaning, signature.time_zone) == ("Reviewed and approved", "Europe/Amsterdam")
    assert signature.statement == attestation.statement("approval")
    assert state(vital_signs) == "valid"


@pytest.mark.requirement("ES-07")
def test_a_visit_and_a_casebook_are_signed_with_all_their_forms(
    subject: Subject, vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    later = enter_vital_signs(subject, "day_8", coordinator)
    visit = sign(vital_signs.visit, investigator)
    assert [form.record_id for form in visit.forms.all()] == [vital_signs.pk]
    casebook = sign(subject, investigator)
    assert {form.record_id for form in casebook.forms.all()} == {vital_signs.pk, later.pk}


def test_a_change_after_the_page_was_opened_is_not_signed_unseen(
    subject: Subject, vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    page = shown(subject)
    actions.save_form(record=vital_signs, values={"temp": "38"}, by=coordinator, reason="Entry error")
    with pytest.raises(WrongState, match=r"Vital signs \(.*Day 1.*\) was changed after you opened this page"):
        sign(subject, investigator, expected=page)
    page = shown(subject)
    enter_vital_signs(subject, "day_8", coordinator)
    with pytest.raises(WrongState, match="was not on the page"):
        sign(subject, investigator, expected=page)
    page = shown(subject)
    actions.delete_form(record=vital_signs, by=coordinator, reason="Wrong child")
    with pytest.raises(WrongState, match=r"Day 1.* is no longer here"):
        sign(subject, investigator, expected=page)
    assert not Signature.objects.exists()


def test_an_incomplete_a_deleted_and_a_locked_form_are_not_signed_but_one_with_an_open_query_is(
    subject: Subject, vital_signs: FormRecord, coordinator: User, investigator: User, data_manager: User
) -> None:
    started = enter_vital_signs(subject, "day_8", coordinator, temp=None)
    with pytest.raises(WrongState, match="Not complete yet: Vital signs"):
        sign(started, investigator)
    actions.lock(target=vital_signs, by=data_manager, reason="Interim analysis")
    with pytest.raises(WrongState, match="Locked: Vital signs"):
        sign(vital_signs, investigator)
    actions.unlock(target=vital_signs, by=data_manager, reason="To be signed")
    actions.open_query(target=vital_signs, item="temp", text="Please check.", by=data_manager)
    sign(vital_signs, investigator)
    actions.delete_form(record=started, by=coordinator, reason="Wrong child")
    with pytest.raises(WrongState, match="deleted"):
        sign(started, investigator)


def test_what_is_signed_and_locked_is_left_as_it_is_by_a_casebook_signature(
    subject: Subject, vital_signs: FormRecord, coordinator: User, investigator: User, data_manager: User
) -> None:
    later = enter_vital_signs(subject, "day_8", coordinator)
    sign(vital_signs, investigator)
    actions.lock(target=vital_signs, by=data_manager, reason="Interim analysis")
    assert [form.record_id for form in sign(subject, investigator).forms.all()] == [later.pk]
    with pytest.raises(WrongState, match="You have signed this already"):
        sign(subject, investigator)


def test_a_correction_after_a_lock_is_locked_again_by_its_signature(
    vital_signs: FormRecord, coordinator: User, investigator: User, data_manager: User
) -> None:
    sign(vital_signs, investigator)
    actions.lock(target=vital_signs, by=data_manager, reason="Interim analysis")
    open_for_correction(record=vital_signs, by=data_manager, reason="Asked for by the board")
    by_page(vital_signs, coordinator)
    assert not locks.is_locked(vital_signs)
    sign(FormRecord.objects.get(pk=vital_signs.pk), investigator)
    assert locks.is_locked(vital_signs)
    assert state(vital_signs) == "valid"


# --- the signer --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ES-02")
@pytest.mark.requirement("AT-10")
def test_a_wrong_password_is_refused_and_counted_and_the_sixth_try_is_refused_even_if_right(
    vital_signs: FormRecord, investigator: User
) -> None:
    for _ in range(5):
        with pytest.raises(actions.WrongPassword, match="not your password"):
            sign(vital_signs, investigator, password=WRONG)
    with pytest.raises(actions.WrongPassword, match="locked"):
        sign(vital_signs, investigator)
    assert len(events(investigator, "signing refused")) == 6
    assert not Signature.objects.exists()


@pytest.mark.requirement("ES-08")
def test_the_first_signature_of_a_person_takes_the_acknowledgement_once(
    subject: Subject, vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    with pytest.raises(actions.AcknowledgementNeeded):
        sign(vital_signs, investigator, acknowledged=False)
    sign(vital_signs, investigator)
    later = enter_vital_signs(subject, "day_8", coordinator)
    sign(later, investigator, acknowledged=False)
    (kept,) = SignatureAcknowledgement.objects.filter(by=investigator)
    assert (kept.statement, kept.statement_version) == (attestation.ACKNOWLEDGEMENT, "1.0")
    assert abs(kept.at - Signature.objects.earliest("id").at) < timedelta(minutes=1)


@pytest.mark.requirement("ES-05")
def test_nobody_signs_with_a_password_that_another_has_set(vital_signs: FormRecord, investigator: User) -> None:
    with history(by=User.objects.system(), role="system"):
        User.objects.filter(pk=investigator.pk).update(must_set_password=True)
    with pytest.raises(PermissionDenied, match="Set one that only you know"):
        sign(vital_signs, investigator)
    with history(by=investigator, role=""):
        User.objects.filter(pk=investigator.pk).update(must_set_password=False)
    sign(vital_signs, investigator)


@pytest.mark.requirement("ES-05")
def test_user_names_are_never_given_again(investigator: User) -> None:
    actions.deactivate(user=investigator, by=User.objects.system(), reason="Left the hospital")
    with pytest.raises(Exception, match="already"):
        make_user("investigator", Site.objects.get(), investigator.username)


@pytest.mark.requirement("ES-06")
def test_only_investigators_of_the_site_sign(
    vital_signs: FormRecord, coordinator: User, data_manager: User, monitor: User, it02: Site, investigator: User
) -> None:
    for person in (coordinator, data_manager, monitor, make_user("investigator", it02, "investigator-2")):
        with pytest.raises(PermissionDenied, match="may not sign here"):
            sign(vital_signs, person)
        assert len(events(person, "signing refused")) == 1
    sign(vital_signs, investigator)


@pytest.mark.requirement("ES-06")
def test_a_sub_investigator_signs_while_delegated_by_the_sites_calendar(
    vital_signs: FormRecord, investigator: User, nl01: Site
) -> None:
    today, person = signatures.today_at(nl01), sub_investigator(nl01)
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    with pytest.raises(PermissionDenied, match="has not been delegated to you"):
        sign(vital_signs, person)
    delegation(person, nl01, investigator, today - timedelta(days=30), yesterday)
    with pytest.raises(PermissionDenied, match=f"ended on {yesterday:%d-%b-%Y}"):
        sign(vital_signs, person)
    delegation(person, nl01, investigator, tomorrow, None)
    with pytest.raises(PermissionDenied, match=f"begins on {tomorrow:%d-%b-%Y}"):
        sign(vital_signs, person)
    delegation(person, nl01, investigator, today, today)
    assert sign(vital_signs, person).role == "sub-investigator"


@pytest.mark.requirement("ES-06")
@pytest.mark.requirement("AT-10")
def test_an_investigator_delegates_for_days_to_come_and_never_to_oneself(
    nl01: Site, it02: Site, investigator: User, coordinator: User, vital_signs: FormRecord
) -> None:
    person, today = sub_investigator(nl01), signatures.today_at(nl01)
    with pytest.raises(PermissionDenied, match="oneself"):
        actions.delegate(user=investigator, site=nl01, by=investigator, starts_on=today)
    with pytest.raises(PermissionDenied, match="may not delegate"):
        actions.delegate(user=person, site=nl01, by=coordinator, starts_on=today)
    with pytest.raises(PermissionDenied, match="may not delegate"):
        actions.delegate(user=sub_investigator(it02, "other"), site=it02, by=investigator, starts_on=today)
    with pytest.raises(actions.WrongDelegation, match="no role"):
        actions.delegate(user=coordinator, site=nl01, by=investigator, starts_on=today)
    with pytest.raises(actions.WrongDelegation, match="days past"):
        actions.delegate(user=person, site=nl01, by=investigator, starts_on=today - timedelta(days=1))
    given = actions.delegate(user=person, site=nl01, by=investigator, starts_on=today)
    with pytest.raises(WrongState, match="End it first"):
        actions.delegate(user=person, site=nl01, by=investigator, starts_on=today + timedelta(days=7))
    sign(vital_signs, person)
    actions.end_delegation(delegation=given, by=investigator, on=today, reason="Moved to another ward")
    kept = history_model(type(given)).objects.filter(pgh_obj_id=given.pk).order_by("pgh_id")
    assert [(row.pgh_actor_id, row.pgh_reason, row.ends_on) for row in kept] == [
        (investigator.pk, "Delegation of signing", None),
        (investigator.pk, "Moved to another ward", today),
    ]


@pytest.mark.requirement("ES-06")
def test_a_delegation_ended_now_gives_nothing_from_that_moment_on(
    nl01: Site, investigator: User, subject: Subject, coordinator: User, vital_signs: FormRecord
) -> None:
    person, today = sub_investigator(nl01), signatures.today_at(nl01)
    given = actions.delegate(user=person, site=nl01, by=investigator, starts_on=today)
    before = sign(vital_signs, person)
    actions.end_delegation(delegation=given, by=investigator, reason="Left the ward")
    assert given.ended_at is not None
    assert given.ended_at > before.at
    kept = history_model(Delegation).objects.filter(pgh_obj_id=given.pk).latest("pgh_id")
    assert (kept.ended_at, kept.ends_on, kept.pgh_reason) == (given.ended_at, today, "Left the ward")
    moment = re.escape(moments.show(given.ended_at, nl01.time_zone))
    with pytest.raises(PermissionDenied, match=f"ended on {moment}"):
        sign(enter_vital_signs(subject, "day_8", coordinator), person)
    with pytest.raises(actions.WrongDelegation, match="has ended already"):
        actions.end_delegation(delegation=given, by=investigator, reason="Left the ward")
    actions.delegate(user=person, site=nl01, by=investigator, starts_on=today)
    assert sign(enter_vital_signs(subject, "day_15", coordinator), person).role == "sub-investigator"


@pytest.mark.requirement("AT-10")
def test_a_signature_leaves_one_event_with_actor_and_time(vital_signs: FormRecord, investigator: User) -> None:
    signature = sign(vital_signs, investigator)
    (event,) = events(investigator, "signed")
    assert (event.target, event.role, len(event.sha256)) == (f"form {vital_signs.pk}", "investigator", 64)
    assert abs(event.at - signature.at) < timedelta(minutes=1)


# --- what makes it fall ------------------------------------------------------------------------------------------


def by_page(record: FormRecord, by: User) -> None:
    actions.save_form(record=record, values={"temp": "38"}, by=by, reason="Entry error: read wrongly")


def by_import(record: FormRecord, by: User) -> None:
    source = Source(system="csv", id="7", file="vital_signs.csv", line=2, sha256="0" * 64)
    actions.save_form(
        record=record, values={"temp": "38"}, by=User.objects.system(), reason="The source has changed", source=source
    )


def by_sql(record: FormRecord, by: User) -> None:
    with history(by=by, role="site-coordinator", reason="Repair by hand"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {record.spec.model._meta.db_table} SET temp = 38 WHERE record_id = %s", [record.pk])


def by_missing_code(record: FormRecord, by: User) -> None:
    actions.save_form(
        record=record, values={"temp": None}, missing_codes={"temp": "ND"}, by=by, reason="Thermometer broken"
    )


def by_deletion(record: FormRecord, by: User) -> None:
    actions.delete_form(record=record, by=by, reason="Entered for the wrong child")


@pytest.mark.requirement("ES-04")
@pytest.mark.parametrize(
    ("change", "items", "reason"),
    [
        (by_page, ["temp"], "Entry error: read wrongly"),
        (by_import, ["temp"], "The source has changed"),
        (by_sql, ["temp"], "Repair by hand"),
        (by_missing_code, ["temp"], "Thermometer broken"),
        (by_deletion, [], "Entered for the wrong child"),
    ],
)
def test_a_change_by_any_path_voids_the_signature_with_its_reason(
    change: Callable[[FormRecord, User], None],
    items: list[str],
    reason: str,
    vital_signs: FormRecord,
    coordinator: User,
    investigator: User,
) -> None:
    signature = sign(vital_signs, investigator)
    assert not list(signatures.voided_for(investigator))
    change(vital_signs, coordinator)
    void = SignatureVoid.objects.get(signature=signature)
    assert (void.items, void.reason, void.record) == (items, reason, vital_signs)
    assert void.at > signature.at
    assert state(vital_signs) == "void"
    assert Signature.objects.get().statement == signature.statement


@pytest.mark.requirement("ES-04")
def test_what_fell_waits_for_the_signer_until_it_is_signed_anew(
    subject: Subject, vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    later = enter_vital_signs(subject, "day_8", coordinator)
    assert set(signatures.to_sign(investigator)) == {vital_signs, later}
    casebook = sign(subject, investigator)
    by_page(later, coordinator)
    assert {pk: found.state for pk, found in signatures.standing([vital_signs, later]).items()} == {
        vital_signs.pk: "void",
        later.pk: "void",
    }
    assert list(signatures.voided_for(investigator)) == [casebook]
    assert not signatures.to_sign(investigator)
    sign(subject, investigator)
    assert not signatures.voided_for(investigator)
    assert state(later) == "valid"


@pytest.mark.requirement("ES-04")
def test_closing_a_query_without_a_change_leaves_the_signature(
    vital_signs: FormRecord, coordinator: User, investigator: User, data_manager: User
) -> None:
    query = actions.open_query(target=vital_signs, item="temp", text="Please check.", by=data_manager)
    signature = sign(vital_signs, investigator)
    actions.answer_query(query=query, text="It is right.", by=coordinator)
    actions.close_query(query=query, by=data_manager)
    actions.save_form(record=vital_signs, values={"temp": "37.2"}, by=coordinator)
    assert state(vital_signs) == "valid"
    assert signed_values.verify(signature) == []


# --- bound to the values -----------------------------------------------------------------------------------------


@pytest.mark.requirement("ES-03")
def test_a_signature_copied_to_another_form_fails_verification(
    subject: Subject, vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    same = enter_vital_signs(subject, "day_8", coordinator)
    signature = sign(vital_signs, investigator)
    assert signed_values.verify(signature) == []
    (form,) = signature.forms.all()
    form.pk, form.record = None, same
    with history(by=investigator, role="investigator"):  # by the signer at once; PostgreSQL refuses any other copy
        form.save(force_insert=True)
    (sentence,) = signed_values.verify(signature)
    assert "not of this form" in sentence
    assert "Day 8" in sentence
    form.pk, form.history_id = None, signed_values.current([same])[same.pk].history_id
    other = enter_vital_signs(subject, "day_15", coordinator)
    form.record, form.history_id = other, signed_values.current([other])[other.pk].history_id
    with history(by=investigator, role="investigator"):  # by the signer at once; PostgreSQL refuses any other copy
        form.save(force_insert=True)
    assert ["not what was signed" in sentence for sentence in signed_values.verify(signature)] == [False, True]


@pytest.mark.requirement("ES-03")
def test_a_void_signature_still_proves_what_was_signed(
    vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    signature = sign(vital_signs, investigator)
    by_page(vital_signs, coordinator)
    assert signed_values.verify(Signature.objects.get(pk=signature.pk)) == []


@pytest.mark.requirement("ES-03")
@pytest.mark.parametrize("table", ["trial_signature", "trial_signedform", "trial_signaturevoid"])
def test_the_application_cannot_alter_or_remove_a_signature(
    table: str, vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    sign(vital_signs, investigator)
    by_page(vital_signs, coordinator)
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            history(by=investigator, role="investigator"),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.requirement("ES-05")
def test_nobody_signs_in_the_name_of_another(vital_signs: FormRecord, investigator: User, coordinator: User) -> None:
    signature = sign(vital_signs, investigator)
    signature.pk = None
    with (
        pytest.raises(DatabaseError, match="not in the name of another"),
        history(by=coordinator, role="site-coordinator"),
    ):
        signature.save(force_insert=True)


@pytest.mark.requirement("ES-07")
def test_unsigned_end_point_forms_are_named(vital_signs: FormRecord, investigator: User, coordinator: User) -> None:
    assert list(signatures.unsigned(["vital_signs"])) == [vital_signs]
    assert list(signatures.unsigned(["laboratory"])) == []
    sign(vital_signs, investigator)
    assert list(signatures.unsigned(["vital_signs"])) == []
    by_page(vital_signs, coordinator)
    assert list(signatures.unsigned(["vital_signs"])) == [vital_signs]


def test_states_of_many_forms_cost_one_statement(
    subject: Subject, vital_signs: FormRecord, coordinator: User, investigator: User, django_assert_num_queries: Any
) -> None:
    forms = [vital_signs, *(enter_vital_signs(subject, day, coordinator) for day in ("day_8", "day_15"))]
    sign(vital_signs, investigator)
    with django_assert_num_queries(1):
        found = signatures.standing(forms)
    assert [found[record.pk].state for record in forms] == ["valid", "none", "none"]
    assert SignedForm.objects.count() == 1
