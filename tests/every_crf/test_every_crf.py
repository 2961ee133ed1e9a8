"""What every registered CRF must do: a new CRF gets this suite for free."""

import re
import string
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from tests.every_crf import made_up
from trial import locks, reasons
from trial.actions import forms, queries
from trial.actions import locks as lock_actions
from trial.checks import Check, CrossCheck
from trial.crf import registry
from trial.crf.spec import CrfSpec
from trial.crf.system_checks import schedule_problems, spec_problems
from trial.history import rows_of
from trial.lifecycle import RecordState
from trial.models import FormRecord, Query, Subject, User, item_fields

SPECS = list(registry.all_specs())
CHECKS: list[Check] = [check for spec in SPECS for check in spec.checks]
CROSS_CHECKS: list[CrossCheck] = list(registry.all_cross_checks())
TESTS = Path(__file__).parents[1]

# Numbers that have no unit, and why. A number with its unit in an item of its own needs no entry.
NO_UNIT = {
    "aetoxgr": "a grade",
    "saetoxgr": "a grade",
}

each_crf = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.code)


def test_the_crfs_of_all_apps_are_registered() -> None:
    assert {spec.model._meta.app_label for spec in SPECS} == {"patients", "safety", "mrd"}


def test_the_schedule_and_the_cross_checks_name_registered_crfs() -> None:
    assert list(schedule_problems()) == []


# --- design ------------------------------------------------------------------------------------------------------


@each_crf
def test_spec_and_table_agree(spec: CrfSpec) -> None:
    assert list(spec_problems(spec)) == []


@each_crf
def test_every_item_has_a_label_and_every_number_a_unit(spec: CrfSpec) -> None:
    fields = {field.name: field for field in item_fields(spec.model)}
    unlabelled = [item.name for item in spec.items if not item.label.strip()]
    without_unit = [
        item.name
        for item in spec.items
        if _is_number(fields[item.name]) and not item.unit and not _has_unit_item(spec, item.name)
    ]
    assert (unlabelled, set(without_unit) - set(NO_UNIT)) == ([], set())


def _is_number(field: Any) -> bool:
    return isinstance(field, models.IntegerField | models.DecimalField) and not field.choices


def _has_unit_item(spec: CrfSpec, name: str) -> bool:
    test = re.sub(r"_(lln|uln)$", "", name)
    return spec.has_item(f"{test}_unit")


@each_crf
def test_items_that_name_a_row_and_limits_fit_the_spec(spec: CrfSpec) -> None:
    assert all(spec.has_item(name) for name in spec.title_items)
    limits = [(item.low, item.high) for item in spec.items]
    assert all(low <= high for low, high in limits if low is not None and high is not None)


@each_crf
def test_an_item_depends_on_answers_that_exist(spec: CrfSpec) -> None:
    fields = {field.name: field for field in item_fields(spec.model)}
    for item in spec.items:
        choices: Any = fields[item.only_if[0]].choices if item.only_if else None
        if item.only_if and choices:
            codes = {code for code, _ in choices}
            assert set(item.only_if[1]) <= codes, f"{item.name} depends on an answer that {item.only_if[0]} lacks"


# --- checks ------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("DE-01")
def test_codes_of_checks_are_unique() -> None:
    codes = Counter([*(check.code for check in CHECKS), *(check.code for check in CROSS_CHECKS)])
    assert [code for code, times in codes.items() if times > 1] == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_the_message_of_a_check_names_its_items_alone(check: Check) -> None:
    assert _names(check.message) <= set(check.items)


@pytest.mark.parametrize("check", CROSS_CHECKS, ids=lambda check: check.code)
def test_the_message_of_a_cross_check_is_a_sentence_with_named_values(check: CrossCheck) -> None:
    assert all(name.isidentifier() for name in _names(check.message))
    assert registry.get(check.crf).has_item(check.item)


def _names(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


@pytest.fixture(scope="module")
def named_in_tests() -> set[str]:
    """Every code of a check that a test names, in its text or its own name; this file left out."""
    texts = [path.read_text("utf-8") for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    written = {code for text in texts for code in re.findall(r"\b[A-Z]{2,4}-\d{2,3}\b", text)}
    names = [name for text in texts for name in re.findall(r"def (test_\w+)", text)]
    named = {
        f"{letters.upper()}-{number}"
        for name in names
        for letters, number in re.findall(r"_([a-z]{2,4})_(\d{2})(?=_)", name)
    }
    return written | named


@pytest.mark.requirement("DE-01")
@pytest.mark.parametrize("check", [*CHECKS, *CROSS_CHECKS], ids=lambda check: check.code)
def test_every_check_has_a_test_that_names_it(check: Check | CrossCheck, named_in_tests: set[str]) -> None:
    family = re.match(r"[A-Z]+-\d+", check.code)  # one check for many items: LB-01-WBC is of the family LB-01
    assert family, f"{check.code} is no code of a check"
    assert family.group() in named_in_tests, f"No test names {family.group()}"


# --- saving ------------------------------------------------------------------------------------------------------


@pytest.fixture
def record(spec: CrfSpec, subject: Subject, coordinator: User) -> FormRecord:
    """A saved form of the CRF with made-up answers."""
    made_up.prepare(spec, subject, coordinator)
    return made_up.save(spec, subject, coordinator)


def _stored(record: FormRecord) -> dict[str, Any]:
    row = record.answers()
    return {field.name: getattr(row, field.attname) for field in item_fields(type(row))}


@each_crf
def test_a_form_is_saved_and_corrected_with_its_reason(spec: CrfSpec, record: FormRecord, coordinator: User) -> None:
    before = _stored(record)
    name, answer = made_up.other(spec, {item: value for item, value in before.items() if value is not None})
    with pytest.raises(reasons.ReasonNeeded):
        forms.save_form(record=record, values={name: answer}, by=coordinator)
    assert _stored(record) == before
    forms.save_form(record=record, values={name: answer}, by=coordinator, reason="Misread the chart")
    assert _stored(record) == before | {name: answer}
    rows = rows_of(spec.model, record.pk)
    assert [(row.pgh_label, row.pgh_actor, row.pgh_reason) for row in rows] == [
        ("insert", coordinator, ""),
        ("update", coordinator, "Misread the chart"),
    ]


@each_crf
def test_impossible_answers_are_refused_each_with_a_sentence(
    spec: CrfSpec, record: FormRecord, coordinator: User
) -> None:
    before = _stored(record)
    fields = item_fields(spec.model)
    coded = {field.name for field in fields if field.choices}
    typed = {field.name for field in fields if not isinstance(field, models.CharField | models.TextField)}
    attempts = [
        ({item.name: "7\x00" for item in spec.items}, "NUL character"),
        (dict.fromkeys(typed, "soon"), ""),
        (dict.fromkeys(coded, "NO SUCH CODE"), "is not an answer here"),
        ({"no_such_item": "1"}, "has no item"),
    ]
    for values, sentence in attempts:
        if values:
            _refused(record, coordinator, values, sentence)
    assert _stored(record) == before


def _refused(record: FormRecord, by: User, values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(forms.Refused) as refused:
        forms.save_form(record=record, values=values, by=by, reason="Misread the chart")
    for name in values:
        assert sentence in refused.value.errors[name][0]


@each_crf
def test_a_locked_form_does_not_change(
    spec: CrfSpec, record: FormRecord, coordinator: User, data_manager: User
) -> None:
    name, answer = made_up.other(spec, {item: value for item, value in _stored(record).items() if value is not None})
    for query in Query.objects.filter(subject=record.subject, state="open"):  # made-up answers are not all plausible
        queries.close_query(query=query, by=data_manager)
    lock_actions.lock(target=record, by=data_manager, reason="Data are clean")
    with pytest.raises(locks.Locked):
        forms.save_form(record=record, values={name: answer}, by=coordinator, reason="Misread the chart")
    lock_actions.unlock(target=record, by=data_manager, reason="Source document corrected")
    forms.save_form(record=record, values={name: answer}, by=coordinator, reason="Misread the chart")
    assert _stored(record)[name] == answer


@each_crf
def test_a_change_with_no_known_actor_is_refused(spec: CrfSpec, record: FormRecord) -> None:
    table, name = spec.model._meta.db_table, next(iter(spec.items)).name
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" SET "{_column(spec, name)}" = NULL WHERE record_id = %s', [record.pk])
    assert locks.sqlstate(refused.value) == locks.NO_ACTOR


def _column(spec: CrfSpec, name: str) -> str | None:
    return next(field.column for field in item_fields(spec.model) if field.name == name)


@pytest.mark.requirement("DE-02")
@each_crf
def test_a_blank_form_asks_for_what_it_needs_until_each_item_says_why(
    spec: CrfSpec, subject: Subject, coordinator: User
) -> None:
    made_up.prepare(spec, subject, coordinator)
    record = forms.new_record(subject=subject, crf_code=spec.code, visit=made_up.visit_for(spec, subject))
    blank = forms.save_form(record=record, values={}, by=coordinator)
    filled = {field.name for field in item_fields(spec.model) if field.has_default()}
    needed = {item.name for item in spec.items if item.required and item.asked({})} - filled
    asked = {finding.item for finding in blank.findings if finding.code.endswith(".blank")}
    assert (asked, blank.record.state) == (needed, RecordState.IN_PROGRESS)
    coded = forms.save_form(
        record=blank.record, values={}, by=coordinator, missing_codes={name: {"code": "UNK"} for name in needed}
    )
    assert not [finding for finding in coded.findings if finding.code.endswith(".blank")]
    assert coded.record.state == RecordState.COMPLETE
