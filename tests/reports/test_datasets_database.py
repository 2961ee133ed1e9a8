"""Reading the database for a snapshot: one moment, deleted rows left out, and the past as it stood."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from reports import datasets
from reports.derivations.raw import CRFS, START
from reports.results import results
from trial.actions import forms
from trial.crf import registry
from trial.models import FormRecord, Subject, User

AN_HOUR = timedelta(hours=1)


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def enter(subject: Subject, by: User, crf: str, visit: str | None = None, **values: Any) -> FormRecord:
    at = subject.visits.get(code=visit) if visit else None
    return forms.save_form(
        record=forms.new_record(subject=subject, crf_code=crf, visit=at), values=values, by=by
    ).record


def test_every_crf_that_starts_on_a_day_has_the_item_that_says_so() -> None:
    assert all(registry.get(crf).has_item(item) for crf, item in START.items())
    assert set(CRFS) <= {spec.code for spec in registry.all_specs()}


@pytest.mark.django_db
def test_rows_are_plain_values_with_their_subject_and_visit(vital_signs: FormRecord, subject: Subject) -> None:
    row = datasets.extract()["vital_signs"][0]
    assert row | {"vsdat": date(2024, 1, 3), "temp": Decimal("37.2"), "hr": 120} == row
    assert (row["subject"], row["visit"], row["zone"]) == (subject.number, "day_1", "Europe/Amsterdam")


@pytest.mark.django_db
def test_deleted_row_is_left_out_and_is_there_before_its_deletion(
    subject: Subject, coordinator: User, nl01: Any
) -> None:
    record = enter(subject, coordinator, "adverse_event", aeterm="Fever", aetoxgr=1, aestdat="2024-01-05")
    before = database_now()
    forms.delete_form(record=record, by=coordinator, reason="Entered for another child")
    assert datasets.extract()["adverse_event"] == []
    assert [row["aeterm"] for row in datasets.extract(freeze=before)["adverse_event"]] == ["Fever"]


@pytest.mark.django_db
def test_freeze_in_the_past_shows_what_was_entered_by_then(vital_signs: FormRecord, coordinator: User) -> None:
    before = database_now()
    forms.save_form(record=vital_signs, values={"temp": "38.4"}, by=coordinator, reason="Misread the chart")
    assert datasets.extract()["vital_signs"][0]["temp"] == Decimal("38.4")
    assert datasets.extract(freeze=before)["vital_signs"][0]["temp"] == Decimal("37.2")
    assert datasets.extract(freeze=before - AN_HOUR)["vital_signs"] == []


@pytest.mark.django_db
def test_link_is_the_record_that_it_leads_to(subject: Subject, coordinator: User) -> None:
    sample = enter(subject, coordinator, "mrd_sample", timepoint="UNSCHEDULED", msdat="2024-01-05", material="BM")
    enter(subject, coordinator, "mrd_result", sample=sample.pk, target="KMT2A", result="NEG")
    assert datasets.extract()["mrd_result"][0]["sample"] == sample.pk
    assert datasets.extract(freeze=database_now())["mrd_result"][0]["sample"] == sample.pk


def test_snapshot_is_read_in_one_read_only_transaction(committed_db: None) -> None:
    said: list[str] = []
    connection.ensure_connection()  # a new connection asks for the types it knows first

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        said.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        datasets.take(cut=date(2022, 8, 31))
    assert said[:4] == [
        "SELECT pg_advisory_lock(4711, 1)",  # no save straddles the moment
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SELECT clock_timestamp()",
        "SELECT pg_advisory_unlock(4711, 1)",
    ]
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        datasets.take(cut=date(2022, 8, 31))


@pytest.mark.django_db
def test_empty_study_gives_a_snapshot_and_every_figure() -> None:
    found = results(datasets.take(cut=date(2022, 8, 31)))
    assert found["N"].text == "0"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cut", "freeze", "said"),
    [
        (date(2022, 8, 31), datetime.fromisoformat("2022-09-15T12:00"), "time zone"),
        (date(2022, 8, 31), timezone.now() + timedelta(days=2), "in the future"),
        (date(2022, 8, 31), datetime(2022, 8, 30, 9, tzinfo=UTC), "had not come yet"),
        (date(2999, 1, 1), None, "had not come yet"),
    ],
)
def test_freeze_that_cannot_be_is_refused_with_a_sentence(cut: date, freeze: datetime | None, said: str) -> None:
    with pytest.raises(datasets.WrongFreeze, match=said):
        datasets.take(cut=cut, freeze=freeze)
