"""One save, end to end: versions, reasons, findings to queries, history."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from tests.people import VITAL_SIGNS
from trial import actions, reasons
from trial.actions import forms
from trial.history import history_model, item_changes
from trial.lifecycle import WrongState
from trial.models import FormRecord, Query, Subject, User

pytestmark = pytest.mark.django_db


def save(record: FormRecord, by: User, *, reason: str = "Misread the chart", **values: object) -> forms.Saved:
    return forms.save_form(record=record, values=values, by=by, reason=reason)


@pytest.mark.requirement("AT-02")
def test_two_items_changed_at_once_are_two_changes(vital_signs: FormRecord, coordinator: User) -> None:
    save(vital_signs, coordinator, temp="37.4", hr=130)
    items = [item.name for item in vital_signs.spec.items]
    changes = [c for c in item_changes(vital_signs.spec.model, vital_signs.pk, items) if c.label == "update"]
    assert [(c.item, c.old, c.new) for c in changes] == [
        ("temp", Decimal("37.2"), Decimal("37.4")),
        ("hr", 120, 130),
    ]


@pytest.mark.requirement("AT-01")
def test_a_change_names_who_as_what_where_when_why(vital_signs: FormRecord, coordinator: User) -> None:
    save(vital_signs, coordinator, temp="37.4", reason="Entry error: read 2 for 4")
    change = item_changes(vital_signs.spec.model, vital_signs.pk, ["temp"])[-1]
    assert (change.item, change.old, change.new) == ("temp", Decimal("37.2"), Decimal("37.4"))
    assert (change.by, change.role, change.site) == (coordinator.full_name, "site-coordinator", "NL01")
    assert change.reason == "Entry error: read 2 for 4"
    assert change.at.utcoffset().total_seconds() == 0
    assert change.app_version


@pytest.mark.requirement("AT-03")
def test_earlier_values_stay_in_order(vital_signs: FormRecord, coordinator: User) -> None:
    for temp in ("37.5", "37.9"):
        save(vital_signs, coordinator, temp=temp)
    values = [c.new for c in item_changes(vital_signs.spec.model, vital_signs.pk, ["temp"])]
    assert values == [Decimal("37.2"), Decimal("37.5"), Decimal("37.9")]


@pytest.mark.requirement("AT-09")
@pytest.mark.parametrize("reason", ["", "  ", ".", "--", "x"])
def test_a_change_without_a_usable_reason_is_refused(vital_signs: FormRecord, coordinator: User, reason: str) -> None:
    with pytest.raises(reasons.ReasonNeeded):
        save(vital_signs, coordinator, temp="37.4", reason=reason)
    assert vital_signs.answers().temp == Decimal("37.2")
    save(vital_signs, coordinator, temp="37.4", reason="Entry error")
    assert vital_signs.answers().temp == Decimal("37.4")


def test_a_first_answer_to_a_blank_item_needs_no_reason(subject: Subject, coordinator: User) -> None:
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    saved = forms.save_form(record=record, values={**VITAL_SIGNS, "weight": None}, by=coordinator)
    forms.save_form(record=saved.record, values={"weight": "6.8"}, by=coordinator)
    assert saved.record.answers().weight == Decimal("6.80")


def test_a_stale_version_is_refused_and_shows_what_stands(vital_signs: FormRecord, coordinator: User) -> None:
    save(vital_signs, coordinator, temp="37.9")
    with pytest.raises(forms.VersionConflict) as conflict:
        forms.save_form(
            record=vital_signs, values={"temp": "38.1"}, by=coordinator, reason="Entry error", expected_version=1
        )
    assert conflict.value.theirs == 2
    assert conflict.value.current["temp"] == Decimal("37.9")


def test_the_same_form_entered_twice_is_a_conflict(
    vital_signs: FormRecord, subject: Subject, coordinator: User
) -> None:
    again = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    with pytest.raises(forms.VersionConflict):
        forms.save_form(record=again, values=VITAL_SIGNS, by=coordinator)
    assert FormRecord.objects.filter(subject=subject, crf_code="vital_signs").count() == 1


@pytest.mark.parametrize(
    ("item", "value", "sentence"),
    [
        ("temp", "warm", "is not a number"),
        ("hr", "1e400", "is not a whole number. Enter digits only"),
        ("temp", "37.25", "“37.25” has 2 decimals. Enter it with at most 1."),
        ("temp", Decimal("37.250"), "has 3 decimals. Enter it with at most 1."),
        ("hr", 401, "the most is 400"),
        ("vsdat", "2024-02-30", "is not a day of the calendar"),
        ("temp", "37\x00", "NUL"),
        ("no_such_item", "1", "has no item"),
    ],
)
def test_an_impossible_answer_is_refused_with_a_sentence(
    vital_signs: FormRecord, coordinator: User, item: str, value: object, sentence: str
) -> None:
    with pytest.raises(forms.Refused) as refused:
        save(vital_signs, coordinator, **{item: value, "sysbp": 95})
    assert sentence in refused.value.errors[item][0]
    assert vital_signs.answers().sysbp == 90


def test_zero_is_a_value(subject: Subject, coordinator: User) -> None:
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    saved = forms.save_form(record=record, values={**VITAL_SIGNS, "hr": 0}, by=coordinator)
    assert [finding.code for finding in saved.findings] == ["vital_signs.hr.range"]
    assert saved.record.state == "complete"


@pytest.mark.requirement("DE-02")
def test_a_blank_required_item_is_a_query_until_it_is_coded_missing(subject: Subject, coordinator: User) -> None:
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    saved = forms.save_form(record=record, values={**VITAL_SIGNS, "weight": ""}, by=coordinator)
    query = Query.objects.get(record=saved.record)
    assert (query.item, query.state, saved.record.state) == ("weight", "open", "in_progress")
    coded = forms.save_form(
        record=saved.record,
        values={},
        missing_codes={"weight": {"code": "ND", "reason": "scales broken"}},
        by=coordinator,
    )
    query.refresh_from_db()
    assert (query.state, coded.record.state) == ("closed", "complete")


@pytest.mark.requirement("AT-01")
def test_a_query_closed_by_system_inside_a_nurses_save_shows_both(subject: Subject, coordinator: User) -> None:
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    saved = forms.save_form(record=record, values={**VITAL_SIGNS, "sysbp": 50}, by=coordinator)
    query = Query.objects.get(record=saved.record)
    save(saved.record, coordinator, sysbp=95)
    query.refresh_from_db()
    closing = history_model(Query).objects.filter(pgh_obj_id=query.pk).latest("pgh_id")
    change = item_changes(saved.record.spec.model, saved.record.pk, ["sysbp"])[-1]
    assert (closing.state, closing.pgh_actor.username, closing.pgh_role) == ("closed", "system", "system")
    assert (change.by, change.role) == (coordinator.full_name, "site-coordinator")
    assert query.closed_by.username == "system"


def test_a_finding_that_comes_back_reopens_its_query(subject: Subject, coordinator: User) -> None:
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    record = forms.save_form(record=record, values={**VITAL_SIGNS, "sysbp": 50}, by=coordinator).record
    for sysbp, state in ((95, "closed"), (51, "open")):
        save(record, coordinator, sysbp=sysbp)
        assert Query.objects.get(record=record).state == state


def test_a_confirmed_finding_is_not_asked_about_until_the_value_changes(subject: Subject, coordinator: User) -> None:
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    saved = forms.save_form(
        record=record,
        values={**VITAL_SIGNS, "hr": 230},
        by=coordinator,
        confirmations={"vital_signs.hr.range": "Crying, measured twice"},
    )
    query = Query.objects.get(record=saved.record)
    assert (query.state, query.confirmed) == ("closed", True)
    save(saved.record, coordinator, temp="37.8")
    query.refresh_from_db()
    assert query.state == "closed"
    save(saved.record, coordinator, hr=235)
    query.refresh_from_db()
    assert query.state == "open"


def test_findings_not_yet_shown_are_shown_before_anything_is_saved(subject: Subject, coordinator: User) -> None:
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    odd = {**VITAL_SIGNS, "hr": 230}
    with pytest.raises(forms.Unconfirmed) as unconfirmed:
        forms.save_form(record=record, values=odd, by=coordinator, seen=())
    assert not FormRecord.objects.filter(subject=subject).exists()
    codes = [finding.code for finding in unconfirmed.value.findings]
    again = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    forms.save_form(record=again, values=odd, by=coordinator, seen=codes)
    assert Query.objects.get().check_code == "vital_signs.hr.range"


@pytest.mark.requirement("DE-03")
def test_a_data_manager_changes_no_clinical_data(
    vital_signs: FormRecord, data_manager: User, coordinator: User
) -> None:
    with pytest.raises(PermissionDenied, match="Data manager"):
        save(vital_signs, data_manager, temp="37.4")
    save(vital_signs, coordinator, temp="37.4")


def test_a_person_of_another_site_cannot_save(vital_signs: FormRecord, stranger: User) -> None:
    with pytest.raises(PermissionDenied):
        save(vital_signs, stranger, temp="37.4")


@pytest.mark.requirement("DE-10")
def test_a_deleted_form_stays_with_its_reason_and_closes_its_queries(subject: Subject, coordinator: User) -> None:
    record = forms.new_record(subject=subject, crf_code="treatment_block")
    saved = forms.save_form(record=record, values={"block": "IB", "ecstdat": "2024-01-03"}, by=coordinator)
    assert Query.objects.filter(record=saved.record, state="open").exists()
    forms.delete_form(record=saved.record, by=coordinator, reason="Entered for the wrong child")
    saved.record.refresh_from_db()
    assert saved.record.deleted_reason == "Entered for the wrong child"
    assert not Query.objects.filter(record=saved.record, state="open").exists()
    with pytest.raises(PermissionDenied):
        save(saved.record, coordinator, block="MARMA")


def test_saving_nothing_new_leaves_version_and_history_alone(vital_signs: FormRecord, coordinator: User) -> None:
    saved = forms.save_form(record=vital_signs, values=VITAL_SIGNS, by=coordinator)
    assert (saved.changed, saved.record.version) == ((), 1)


def test_statements_of_a_save_stay_within_the_budget(
    vital_signs: FormRecord, coordinator: User, django_assert_max_num_queries: object
) -> None:
    coordinator.current_memberships()
    with django_assert_max_num_queries(15 + 2):  # the budget leaves out BEGIN and SAVEPOINT
        save(vital_signs, coordinator, temp="37.4")


def event(subject: Subject, by: User, **answers: object) -> forms.Saved:
    values = {"aeterm": "Vomiting", "aetoxgr": 3, "aestdat": "2024-01-12", "aeser": "Y", **answers}
    record = forms.new_record(subject=subject, crf_code="adverse_event")
    return forms.save_form(record=record, values=values, by=by)


def test_a_confirmation_speaks_for_its_own_form_and_closes_no_query(subject: Subject, coordinator: User) -> None:
    first = event(subject, coordinator)
    second = event(subject, coordinator, aestdat="2024-03-12")
    without_sae = Query.objects.filter(check_code="SAE-54")
    assert set(without_sae.values_list("record_id", "state")) == {(r.record.pk, "open") for r in (first, second)}
    forms.save_form(record=second.record, values={}, by=coordinator, confirmations={"SAE-54": "Reported by telephone"})
    assert set(without_sae.values_list("state", flat=True)) == {"open"}


def test_a_confirmed_decimal_stays_confirmed_when_it_is_read_again(subject: Subject, coordinator: User) -> None:
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    forms.save_form(
        record=record,
        values={**VITAL_SIGNS, "weight": "70"},
        by=coordinator,
        confirmations={"vital_signs.weight.range": "Read twice on the scales"},
    )
    assert forms.check_subject(subject=subject, by=coordinator) == (0, 0)
    assert Query.objects.get(check_code="vital_signs.weight.range").state == "closed"


def test_a_form_is_deleted_once_and_what_people_asked_about_it_is_cancelled(
    vital_signs: FormRecord, coordinator: User, data_manager: User
) -> None:
    query = actions.open_query(target=vital_signs, item="temp", text="Where was it taken?", by=data_manager)
    forms.delete_form(record=vital_signs, by=coordinator, reason="First reason")
    query.refresh_from_db()
    assert (query.state, query.closed_by.username) == ("cancelled", "system")
    with pytest.raises(WrongState):
        forms.delete_form(record=vital_signs, by=coordinator, reason="Second reason")
    vital_signs.refresh_from_db()
    assert vital_signs.deleted_reason == "First reason"
    with pytest.raises(WrongState):
        actions.open_query(target=vital_signs, item="temp", text="Where was it taken?", by=data_manager)


@pytest.mark.parametrize("text", ["２０２４", "2024-13", "2024-02-30"])
def test_a_partial_date_that_no_calendar_has_is_a_sentence(subject: Subject, coordinator: User, text: str) -> None:
    record = forms.new_record(subject=subject, crf_code="concomitant")
    with pytest.raises(forms.Refused):
        forms.save_form(record=record, values={"cmstdat": text}, by=coordinator)
