from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.stats import rounding
from reports.stats.observations import UnusableData


@pytest.mark.parametrize(
    ("count", "of", "printed"),
    [
        (5, 30, "17"),
        (1, 30, "3"),
        (2, 30, "7"),
        (1, 8, "13"),
        (1, 200, "1"),
        (0, 9, "0"),
        (9, 9, "100"),
        (0, 0, "not estimable"),
    ],
)
def test_percent_rounds_half_up(count: int, of: int, printed: str) -> None:
    assert rounding.percent(count, of) == printed


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (2.5, 0, "3"),
        (3.5, 0, "4"),
        (-2.5, 0, "-3"),
        (83.05, 1, "83.1"),  # in binary a little less
        (0.285, 2, "0.29"),  # in binary a little less; round() gives 0.28
        (1.005, 2, "1.01"),  # in binary a little less; format() gives 1.00
        (0.1 + 0.2, 1, "0.3"),
        (0.15 * 3, 1, "0.5"),  # 0.44999999999999996
        (0.4499999, 1, "0.4"),
        (-0.04, 1, "0.0"),
        (0, 1, "0.0"),
        (1e-12, 2, "0.00"),
        (123456.5, 0, "123457"),
        (1e6, 0, "1000000"),
    ],
)
def test_number_rounds_as_by_hand(value: float, decimals: int, printed: str) -> None:
    assert rounding.number(value, decimals=decimals) == printed


def test_counts_are_printed_in_the_forms_of_the_report() -> None:
    assert rounding.count_percent(16, 30) == "16/30 (53%)"
    assert rounding.percent_count(123, 148) == "83% (123/148)"
    assert rounding.count_with_percent(5, 30) == "5 (17)"


def test_nobody_has_no_percentage() -> None:
    assert rounding.count_percent(0, 0) == rounding.percent_count(0, 0) == "0/0"
    assert rounding.count_with_percent(0, 0) == "0"


def test_estimates_are_printed_with_their_limits() -> None:
    assert rounding.estimate_with_interval(0.816, 0.608, 0.920) == "81.6 (60.8-92.0)"
    assert rounding.estimate_with_interval(0.8305, 0.0, 1.0) == "83.1 (0.0-100.0)"
    assert rounding.hazard_ratio(0.2207, 0.0897, 0.5432) == "0.22 (0.09-0.54)"
    assert rounding.value_with_range(26.27, 3.91, 48.2) == "26.3 (3.9-48.2)"


def test_what_is_not_estimable_is_never_a_number() -> None:
    assert rounding.estimate_with_interval(None, None, None) == "not estimable"
    assert rounding.hazard_ratio(None, None, None) == "not estimable"
    assert rounding.p_value(None) == "not estimable"
    assert rounding.estimate_with_interval(0.0, None, None) == "0.0 (no interval)"


@pytest.mark.parametrize(("estimate", "printed"), [(1.0, "100.0 (no interval)"), (0.0, "0.0 (no interval)")])
def test_an_interval_of_one_number_is_none(estimate: float, printed: str) -> None:
    assert rounding.estimate_with_interval(estimate, estimate, estimate) == printed


@pytest.mark.parametrize(
    ("p", "printed"),
    [
        (0.2614, "0.26"),
        (0.05, "0.05"),
        (0.0485, "0.05"),
        (0.01, "0.01"),
        (0.0099, "0.010"),
        (0.00168, "0.002"),
        (0.001, "0.001"),
        (0.00099, "<0.001"),
        (0, "<0.001"),
        (0.99, "0.99"),
        (0.994, ">0.99"),
        (1, ">0.99"),
    ],
)
def test_p_values_keep_the_digits_that_matter(p: float, printed: str) -> None:
    assert rounding.p_value(p) == printed


def test_impossible_values_are_refused_with_a_sentence() -> None:
    with pytest.raises(UnusableData, match="31 of 30 does not"):
        rounding.percent(31, 30)
    with pytest.raises(UnusableData, match="-1 of 30 does not"):
        rounding.count_percent(-1, 30)
    with pytest.raises(UnusableData, match="finite number can be printed, not nan"):
        rounding.number(float("nan"), decimals=1)
    with pytest.raises(UnusableData, match=r"between 0 and 1, not at 1\.2"):
        rounding.p_value(1.2)


@given(st.integers(0, 400), st.integers(1, 400))
def test_percent_is_never_further_than_one_half_away(count: int, of: int) -> None:
    if count > of:
        count, of = of, count
    difference = int(rounding.percent(count, of)) - Fraction(100 * count, of)
    assert Fraction(-1, 2) < difference <= Fraction(1, 2)


@given(st.integers(-(10**6), 10**6))
def test_a_number_typed_with_two_decimals_is_rounded_on_its_digits(hundredths: int) -> None:
    printed = rounding.number(hundredths / 100, decimals=1)
    sign = -1 if hundredths < 0 else 1
    assert round(float(printed) * 10) == sign * ((abs(hundredths) + 5) // 10)
