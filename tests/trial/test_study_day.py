from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.study_day import age_days, age_text, in_words, study_day

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2024, 1, 1), -2), (date(2024, 1, 2), -1), (date(2024, 1, 3), 1), (date(2024, 1, 4), 2)],
)
def test_the_day_before_day_1_is_day_minus_1(day: date, expected: int) -> None:
    assert study_day(day, date(2024, 1, 3)) == expected


@given(days, days)
def test_there_is_no_day_0(day: date, reference: date) -> None:
    assert study_day(day, reference) != 0


@given(days, days)
def test_study_days_follow_the_calendar(day: date, reference: date) -> None:
    step = study_day(day + timedelta(days=1), reference) - study_day(day, reference)
    assert step == (2 if day + timedelta(days=1) == reference else 1)


def test_age_is_in_completed_days() -> None:
    assert age_days(date(2024, 1, 1), date(2024, 1, 1)) == 0
    assert age_days(date(2023, 3, 1), date(2024, 3, 1)) == 366
    assert age_text(date(2024, 1, 1), date(2024, 2, 16)) == "46 days (1.5 months)"


def test_an_age_before_birth_is_refused() -> None:
    with pytest.raises(ValueError, match="before birth"):
        age_days(date(2024, 1, 2), date(2024, 1, 1))


@pytest.mark.parametrize(
    ("entry", "birth", "words"),
    [
        (date(2024, 1, 3), date(2023, 11, 20), "Study day 3, 46 days old (1.5 months)"),
        (date(2024, 1, 6), date(2024, 1, 5), "Study day -1, 0 days old (0.0 months)"),
        (None, date(2023, 11, 20), "46 days old (1.5 months)"),
        (date(2024, 1, 3), None, "Study day 3"),
        (date(2024, 1, 3), date(2024, 1, 6), "Study day 3"),
        (None, None, ""),
    ],
)
def test_what_stands_beside_a_date(entry: date | None, birth: date | None, words: str) -> None:
    assert in_words(date(2024, 1, 5), entry=entry, birth=birth) == words
