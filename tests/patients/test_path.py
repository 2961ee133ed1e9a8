from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.path import LEFT, RIGHT, Mark, height, layout


def test_nothing_dated_is_no_path() -> None:
    assert layout([]) is None


def test_marks_lie_in_order_between_the_edges() -> None:
    marks = [
        Mark(kind="block", start=date(2020, 3, 1), end=date(2020, 4, 1), label="MARMA", short="MARMA"),
        Mark(kind="event", start=date(2020, 1, 1), label="Enrolled"),
    ]
    drawn = layout(marks)
    assert drawn is not None
    first, second = drawn["items"]
    assert (first["label"], first["x"]) == ("Enrolled", LEFT)
    assert LEFT < second["x"] < second["x"] + second["width"] <= RIGHT
    assert second["short"] == "MARMA"


def test_a_word_that_does_not_fit_its_bar_is_left_out() -> None:
    drawn = layout([
        Mark(kind="block", start=date(2020, 1, 1), end=date(2020, 1, 3), label="HSCT", short="Transplantation"),
        Mark(kind="event", start=date(2025, 1, 1), label="Contact"),
    ])  # fmt: skip
    assert drawn is not None
    assert drawn["items"][0]["short"] == ""


@pytest.mark.parametrize(("value", "y"), [("0.1", 58), ("0.001", 86), ("0.00001", 114), ("1", 52), ("0.0000001", 120)])
def test_height_on_the_log_band(value: str, y: int) -> None:
    assert height(Decimal(value)) == y


@given(st.lists(st.dates(date(2015, 1, 1), date(2040, 1, 1)), min_size=1, max_size=20))
def test_every_mark_and_tick_is_inside(days: list[date]) -> None:
    drawn = layout(Mark(kind="event", start=day, label="x") for day in days)
    assert drawn is not None
    assert all(LEFT <= item["x"] <= RIGHT for item in drawn["items"])
    assert all(LEFT <= tick["x"] <= RIGHT for tick in drawn["ticks"])
    assert len(drawn["ticks"]) <= 11
