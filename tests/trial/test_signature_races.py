"""A signature and a change at the same time: what is signed is what stands, whoever comes first."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings

from tests.people import make_site, make_user
from tests.trial.signing import enter_vital_signs, shown, sign, sub_investigator
from trial import actions, signatures, signed_values
from trial.history import history
from trial.lifecycle import WrongState
from trial.models import FormRecord, Signature, User


@pytest.fixture
def place(committed_db: None) -> Iterator[tuple[FormRecord, User, User]]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        site = make_site("NL01")
        coordinator, investigator = make_user("site-coordinator", site), make_user("investigator", site)
        subject = actions.screen_subject(site=site, by=coordinator)
        yield enter_vital_signs(subject, "day_1", coordinator), coordinator, investigator


class Beside(threading.Thread):
    """Work in a session of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:
            self.error = error
        finally:
            connection.close()


def by_action(record: FormRecord, by: User) -> None:
    actions.save_form(record=record, values={"temp": "38"}, by=by, reason="Entry error")


def by_sql(record: FormRecord, by: User) -> None:
    """No version is counted up, so only the values tell."""
    with history(by=by, role="site-coordinator", reason="Repair by hand"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {record.spec.model._meta.db_table} SET temp = 38 WHERE record_id = %s", [record.pk])


@pytest.mark.requirement("ES-03")
@pytest.mark.parametrize("change", [by_action, by_sql])
def test_a_signature_waits_for_an_open_change(change: Any, place: tuple[FormRecord, User, User]) -> None:
    record, coordinator, investigator = place
    seen = shown(record)
    signing = Beside(lambda: sign(record, investigator, expected=seen))
    with transaction.atomic():
        change(record, coordinator)
        signing.start()
        signing.join(1)
        assert signing.is_alive()
    signing.join(20)
    if change is by_action:
        assert isinstance(signing.error, WrongState)
        assert not Signature.objects.exists()
    else:
        assert signing.error is None
        assert signed_values.verify(Signature.objects.get()) == []


@pytest.mark.requirement("ES-04")
@pytest.mark.parametrize("change", [by_action, by_sql])
def test_a_change_waits_for_an_open_signature_and_voids_it(change: Any, place: tuple[FormRecord, User, User]) -> None:
    record, coordinator, investigator = place
    changing = Beside(lambda: change(record, coordinator))
    with transaction.atomic():
        sign(record, investigator)
        changing.start()
        changing.join(1)
        assert changing.is_alive()
    changing.join(20)
    assert changing.error is None
    assert signatures.standing([record])[record.pk].state == "void"


@pytest.mark.requirement("ES-06")
def test_a_signature_waits_for_the_end_of_its_delegation_and_is_refused(place: tuple[FormRecord, User, User]) -> None:
    record, _, investigator = place
    deputy, today = sub_investigator(record.site), signatures.today_at(record.site)
    given = actions.delegate(user=deputy, site=record.site, by=investigator, starts_on=today)
    signing = Beside(lambda: sign(record, deputy))
    with transaction.atomic():
        actions.end_delegation(delegation=given, by=investigator, reason="Left the ward")
        signing.start()
        signing.join(1)
        assert signing.is_alive()
    signing.join(20)
    assert "ended on" in str(signing.error)
    assert not Signature.objects.exists()
