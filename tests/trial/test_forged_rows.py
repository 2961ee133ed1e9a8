"""Rows that the application's role writes past the actions: none makes a signature or a mark outlast its values."""

from typing import Any

import pytest
from django.db import DatabaseError, connection

from tests.trial.signing import enter_vital_signs, sign
from trial import actions, signatures, verification
from trial.history import history
from trial.locks import sqlstate
from trial.models import FormRecord, ReviewKind, ReviewMark, Subject, User

pytestmark = pytest.mark.django_db
HIGHEST = 9_000_000_000


def run(sql: str, parameters: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.mark.requirement("ES-02")
def test_a_form_cannot_be_put_under_a_signature_that_was_given_before(
    vital_signs: FormRecord, subject: Subject, coordinator: User, investigator: User
) -> None:
    signature = sign(vital_signs, investigator)
    other = enter_vital_signs(subject, "day_8", coordinator)
    copy = (
        "SELECT set_config('cradle.changeset', '', true);"
        "INSERT INTO trial_signedform (signature_id, record_id, version, history_id, sha256)"
        " SELECT signature_id, {}, version, history_id, sha256 FROM trial_signedform WHERE signature_id = {}"
    )
    with pytest.raises(DatabaseError) as refused, history(by=investigator, role="investigator"):
        run(copy.format(other.pk, signature.pk))
    assert sqlstate(refused.value) == "CR008"
    assert signatures.standing([other])[other.pk].state == "none"


@pytest.mark.requirement("DE-05")
def test_a_mark_with_a_number_of_its_own_falls_like_any_other(
    vital_signs: FormRecord, coordinator: User, monitor: User
) -> None:
    actions.mark(record=vital_signs, kind=ReviewKind.SDV, by=monitor, expected_version=1)
    with history(by=monitor, role="monitor", site_id=vital_signs.site_id):
        ReviewMark.objects.create(
            pk=HIGHEST, kind="sdv", record=vital_signs, given=True, items=["temp"], stands=["temp"], version=1,
            by=monitor, role="monitor",
        )  # fmt: skip
    actions.save_form(
        record=vital_signs, values={"temp": "38"}, by=coordinator, reason="Entry error", expected_version=1
    )
    assert verification.standing([vital_signs])[vital_signs.pk, "sdv"].items == frozenset()


@pytest.mark.requirement("AT-06")
def test_a_row_names_the_transaction_that_wrote_it_whatever_it_says_itself(
    vital_signs: FormRecord, monitor: User
) -> None:
    """One of an older transaction would show the row, as of then, where it did not stand."""
    with history(by=monitor, role="monitor", site_id=vital_signs.site_id):
        run(
            "INSERT INTO trial_reviewmark"
            " (kind, record_id, given, items, stands, whole, version, at, by_id, role, reason, changeset)"
            " VALUES ('sdv', %s, true, '[]', '[]', false, 1, now(), %s, 'monitor', '', 1)",
            [vital_signs.pk, monitor.pk],
        )
        run("SELECT cradle_changeset()")
        with connection.cursor() as cursor:
            cursor.execute("SELECT cradle_changeset()")
            assert ReviewMark.objects.get().changeset == cursor.fetchone()[0]


@pytest.mark.requirement("ES-04")
def test_a_signed_form_that_is_moved_to_another_visit_is_signed_no_more(
    vital_signs: FormRecord, subject: Subject, coordinator: User, investigator: User
) -> None:
    sign(vital_signs, investigator)
    with history(by=coordinator, role="site-coordinator", reason="Repair by hand"):
        FormRecord.objects.filter(pk=vital_signs.pk).update(visit=subject.visits.get(code="day_8"))
    assert signatures.standing([vital_signs])[vital_signs.pk].is_void
