"""What the fields of derived forms read, and what they give back, each at its edges."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from trial.crf import derive, registry


def read(field: forms.Field, text: Any) -> Any:
    """The cleaned value, or the sentence of the refusal."""
    try:
        return field.clean(text)
    except forms.ValidationError as error:
        return error.messages[0]


@pytest.mark.parametrize(
    ("typed", "is_read_as"),
    [("14:05", "14:05"), ("1405", "14:05"), ("14.05", "14:05"), ("9:05", "09:05"), ("905", "09:05"), ("0:00", "00:00"),
     ("23:59", "23:59"), ("", ""), (" 7.30 ", "07:30")],
)  # fmt: skip
def test_a_time_of_day_is_read(typed: str, is_read_as: str) -> None:
    assert read(derive.ClockField(required=False), typed) == is_read_as


@pytest.mark.parametrize(
    "typed", ["24:00", "12:60", "5", "12", "1:2:3", "²:00", "٣:٠٠", "14:5", "noon", "-1:00", "14:05Z"]
)
def test_what_is_no_time_of_day_is_a_sentence(typed: str) -> None:
    assert read(derive.ClockField(required=False), typed) == f"“{typed}” is not a time. Enter it like 14:05."


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_a_sentence(text: str) -> None:
    answer = read(derive.ClockField(required=False), text)
    assert answer == "" or len(answer) == 5 or "is not a time" in answer or "Null characters" in answer


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_a_sentence(text: str) -> None:
    answer = read(derive.DayField(required=False), text)
    assert answer is None or answer.endswith(".") or date.fromisoformat(answer)


@pytest.mark.parametrize(
    ("typed", "is_read_as"),
    [("6,8", "6.8"), ("6.8", "6.8"), ("1,234.5", "1,234.5"), ("1,2,3", "1,2,3"), ("0", "0"), ("", None), (" 5 ", "5")],
)
def test_a_decimal_comma_is_read_as_a_point_where_it_can_be_no_other(typed: str, is_read_as: Any) -> None:
    assert read(derive.NumberField(whole=False, required=False), typed) == is_read_as


@pytest.mark.parametrize("typed", ["12,500", "1,500", "-150,000"])
def test_a_comma_that_may_set_off_thousands_is_not_guessed_at(typed: str) -> None:
    point, whole = typed.replace(",", "."), typed.replace(",", "")
    says = f"“{typed}” can be {point} or {whole}. Enter one of the two, without comma."
    assert read(derive.NumberField(whole=False, required=False), typed) == says
    assert read(derive.NumberField(whole=False, required=False), "0,125") == "0.125"


def entered(saved: dict[str, Any], **posted: str) -> derive.EntryForm:
    make = derive.form_class(registry.get("vital_signs"))
    form = make(posted, initial=saved)
    form.full_clean()
    return form


VALUES = [("weight", Decimal("6.80"), "6.8"), ("weight", Decimal("6.80"), "6,9"), ("weight", None, "0"), ("hr", 0, "0"),
          ("vsdat", date(2024, 1, 3), "3 jan 24"), ("vsdat", None, "someday")]  # fmt: skip


@pytest.mark.requirement("DE-02")
@pytest.mark.parametrize(("item", "saved", "typed"), VALUES)
def test_a_missing_code_takes_the_place_of_a_value_once_that_was_said(item: str, saved: Any, typed: str) -> None:
    form = entered({item: saved}, **{item: typed, f"{item}__missing": "ND", f"{item}__replaces": "1"})
    assert form.errors == {}
    assert (form.answers()[item], form.codes()[item]) == (None, {"code": "ND", "reason": ""})


@pytest.mark.requirement("DE-02")
@pytest.mark.parametrize(("item", "saved", "typed"), VALUES[:-1])
def test_a_missing_code_beside_a_value_says_first_what_it_will_do(item: str, saved: Any, typed: str) -> None:
    form = entered({item: saved}, **{item: typed, f"{item}__missing": "ND"})
    assert form.errors == {
        f"{item}__missing": [f"The value {typed} will be replaced by: not done. Save again to do so."]
    }
    assert form.answers()[item] is not None


def test_a_saved_code_is_no_replacement_and_a_blank_needs_no_word() -> None:
    saved = {"weight__missing": "ND"}
    assert entered(saved, weight="", weight__missing="ND").errors == {}
    assert entered({}, weight="", weight__missing="NA").codes()["weight"] == {"code": "NA", "reason": ""}


def moment(
    saved: datetime | None = None, day: str = "27-Oct-2024", time: str = "02:30", **sent: str
) -> derive.EntryForm:
    make = derive.form_class(registry.get("dose_change"), zone="Europe/Amsterdam")
    form = make({"dcdtc_day": day, "dcdtc_time": time, **sent}, initial={"dcdtc": saved})
    form.full_clean()
    return form


WALL = datetime(2024, 10, 27, 2, 30)  # noqa: DTZ001  the site's wall clock, which showed this twice


@pytest.mark.requirement("VA-01")
@pytest.mark.parametrize(
    ("saved", "chosen", "kept"),
    [
        (None, {"dcdtc__passing": "1"}, "2024-10-27T02:30"),
        (None, {"dcdtc__passing": "2"}, "2024-10-27T02:30:00+01:00"),
        (WALL, {}, "2024-10-27T02:30"),
        (WALL.replace(fold=1), {}, "2024-10-27T02:30:00+01:00"),
        (WALL.replace(fold=1), {"dcdtc__passing": "1"}, "2024-10-27T02:30"),
    ],
)
def test_a_doubled_time_is_the_passing_that_was_chosen_or_saved(saved: Any, chosen: dict[str, str], kept: str) -> None:
    form = moment(saved, **chosen)
    assert (form.errors, form.answers()["dcdtc"]) == ({}, kept)


@pytest.mark.requirement("VA-01")
@pytest.mark.parametrize("passing", [{}, {"dcdtc__passing": "3"}, {"dcdtc__passing": ""}])
def test_which_of_two_is_asked_of_a_doubled_time_alone(passing: dict[str, str]) -> None:
    asked = moment(**passing)
    assert "showed 02:30 twice on 27-Oct-2024" in str(asked.errors["dcdtc"])
    assert "the first time (UTC+02:00) or the second time (UTC+01:00)" in str(asked.errors["dcdtc"])
    assert moment(time="03:00", **passing).errors == {}


def test_a_moment_gives_way_too() -> None:
    form = moment(WALL, dcdtc__missing="UNK", dcdtc__replaces="1")
    assert (form.errors, form.answers()["dcdtc"]) == ({}, None)


@pytest.mark.parametrize("spec", registry.all_specs(), ids=lambda spec: spec.code)
def test_every_item_has_its_field_its_missing_code_and_its_reason(spec: Any) -> None:
    form = derive.form_class(spec)()
    assert [item.name for item, *_ in form.rows()] == [item.name for item in spec.items]
    assert all(field.field.label == item.label for item, field, _, _ in form.rows())
    assert all({"ND", "NA", "UNK"} < {code for code, _ in missing.field.choices} for _, _, missing, _ in form.rows())
