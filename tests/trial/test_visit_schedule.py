from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.visit_schedule import UNKNOWN, Due, Planned, VisitDefinition, add_months, due, plan, validate

DAY_29 = VisitDefinition(code="day_29", label="Day 29", anchor="infusion_end", before=1, after=3)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 3, date(2024, 4, 30)),
        (date(2024, 11, 30), 3, date(2025, 2, 28)),
        (date(2024, 12, 15), 12, date(2025, 12, 15)),
        (date(2024, 2, 29), 60, date(2029, 2, 28)),
        (date(2024, 5, 5), 0, date(2024, 5, 5)),
        (date(2024, 1, 15), -1, date(2023, 12, 15)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(st.dates(date(2000, 1, 1), date(2050, 12, 31)), st.integers(0, 240))
def test_added_months_land_in_the_month_asked_for(day: date, months: int) -> None:
    later = add_months(day, months)
    assert later.year * 12 + later.month == day.year * 12 + day.month + months
    assert later.day <= day.day


def test_a_visit_without_its_anchor_has_no_dates() -> None:
    assert plan(DAY_29, {}) == UNKNOWN
    assert plan(DAY_29, {"infusion_end": None}) == UNKNOWN


def test_target_and_window_hang_on_the_anchor() -> None:
    visit = VisitDefinition(code="v", label="V", anchor="start", months=3, days=2, before=30, after=30)
    planned = plan(visit, {"start": date(2024, 1, 31)})
    assert planned == Planned(date(2024, 5, 2), date(2024, 4, 2), date(2024, 6, 1))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2024, 1, 27), Due.NOT_DUE),
        (date(2024, 1, 28), Due.DUE),
        (date(2024, 1, 29), Due.DUE),
        (date(2024, 2, 1), Due.DUE),
        (date(2024, 2, 2), Due.OVERDUE),
    ],
)
def test_both_ends_of_the_window_are_inside(today: date, expected: Due) -> None:
    assert due(plan(DAY_29, {"infusion_end": date(2024, 1, 29)}), today) is expected


def test_a_visit_without_dates_is_not_due() -> None:
    assert due(UNKNOWN, date(2100, 1, 1)) is Due.NOT_DUE


def test_a_window_of_one_day_is_due_on_that_day_only() -> None:
    day = date(2024, 1, 3)
    planned = plan(VisitDefinition(code="day_1", label="Day 1", anchor="start"), {"start": day})
    around = [due(planned, day + timedelta(days=offset)) for offset in (-1, 0, 1)]
    assert around == [Due.NOT_DUE, Due.DUE, Due.OVERDUE]


def test_a_schedule_with_two_visits_of_one_code_is_refused() -> None:
    with pytest.raises(ValueError, match="day_29"):
        validate([DAY_29, DAY_29])


def test_a_negative_window_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        validate([VisitDefinition(code="v", label="V", anchor="a", before=-1)])
