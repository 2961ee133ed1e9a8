from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.stats import rounding
from reports.stats.observations import UnusableData
from reports.stats.proportions import clopper_pearson, difference_of_proportions, fisher_exact
from tests.reports.stats.reference_data import controls, printed


@st.composite
def count_and_total(draw: st.DrawFn, most: int = 60) -> tuple[int, int]:
    of = draw(st.integers(1, most))
    return draw(st.integers(0, of)), of


def test_no_event_in_thirty_has_an_upper_limit_of_eleven_point_six_percent() -> None:
    proportion = clopper_pearson(0, 30)
    assert rounding.estimate_with_interval(proportion.estimate, proportion.lower, proportion.upper) == "0.0 (0.0-11.6)"


def binomial_tail(count: int, of: int, p: float) -> float:
    """P(X >= count), term by term."""
    return sum(math.comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(count, of + 1))


@pytest.mark.parametrize(("count", "of"), [(16, 30), (1, 30), (29, 30), (1, 2)])
def test_clopper_pearson_leaves_a_fortieth_in_each_tail(count: int, of: int) -> None:
    proportion = clopper_pearson(count, of)
    assert binomial_tail(count, of, proportion.lower) == pytest.approx(0.025, rel=1e-9)
    assert 1 - binomial_tail(count + 1, of, proportion.upper) == pytest.approx(0.025, rel=1e-9)


def test_fisher_is_the_printed_one() -> None:
    measured = [row["mrd_before_marma"] for row in controls() if row["mrd_before_marma"]]
    low_or_negative = sum(result != "HIGH" for result in measured)
    assert rounding.p_value(fisher_exact(26, 28, low_or_negative, len(measured))) == printed("FISHER")


@pytest.mark.parametrize(("ordering", "lower", "upper"), [("score", -0.0400, 0.1793), ("difference", -0.0620, 0.2159)])
def test_exact_difference_agrees_with_sas(ordering: str, lower: float, upper: float) -> None:
    # SAS 9.4, PROC FREQ, EXACT RISKDIFF with and without METHOD=SCORE: 36 of 154 against 12 of 77
    difference = difference_of_proportions(36, 154, 12, 77, ordering=ordering)
    assert difference.estimate == pytest.approx(36 / 154 - 12 / 77)
    assert round(difference.lower, 4) == lower
    assert round(difference.upper, 4) == upper


def test_limits_of_nothing_against_nothing_are_clopper_pearsons_one_sided_ones() -> None:
    difference = difference_of_proportions(0, 10, 0, 10)
    assert difference.upper == pytest.approx(clopper_pearson(0, 10).upper, abs=1e-6)
    assert difference.lower == pytest.approx(-difference.upper, abs=1e-6)


def test_the_outermost_limit_is_found_where_the_tail_crosses_more_than_once() -> None:
    # Bisection alone stops at 0.2044; at 0.0900 the chance of the tail is 0.02512, and between them it is below 0.025.
    assert difference_of_proportions(3, 3, 2, 16).lower < 0.0900


def test_all_against_none_is_one_and_its_interval_ends_there() -> None:
    difference = difference_of_proportions(10, 10, 0, 10)
    assert (difference.estimate, difference.upper) == (1, 1)
    assert 0.5 < difference.lower < 1


def test_an_empty_group_has_no_proportion_no_test_and_no_difference() -> None:
    assert (clopper_pearson(0, 0).estimate, clopper_pearson(0, 0).upper) == (None, None)
    assert fisher_exact(0, 0, 3, 5) is None
    assert difference_of_proportions(3, 5, 0, 0).lower is None


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda: clopper_pearson(31, 30), "31 of 30 does not"),
        (lambda: clopper_pearson(-1, 30), "-1 of 30 does not"),
        (lambda: clopper_pearson(1, 30, level=95), "between 0 and 1, not at 95"),
        (lambda: fisher_exact(1, 2, 4, 3), "4 of 3 does not"),
        (lambda: difference_of_proportions(1, 2, 4, 3), "4 of 3 does not"),
        (lambda: difference_of_proportions(1, 2, 1, 3, ordering="wald"), "score or difference, not by wald"),
    ],
)
def test_impossible_input_is_refused_with_a_sentence(compute, message: str) -> None:
    with pytest.raises(UnusableData, match=re.escape(message)):
        compute()


@given(count_and_total())
def test_clopper_pearson_contains_the_estimate_and_mirrors_it(observed: tuple[int, int]) -> None:
    count, of = observed
    proportion, mirrored = clopper_pearson(count, of), clopper_pearson(of - count, of)
    assert 0 <= proportion.lower <= proportion.estimate <= proportion.upper <= 1
    assert proportion.lower == pytest.approx(1 - mirrored.upper, abs=1e-12)


@settings(max_examples=10, deadline=None)
@given(count_and_total(most=8), count_and_total(most=8), st.sampled_from(["score", "difference"]))
def test_exact_difference_contains_the_estimate_and_mirrors_it(
    first: tuple[int, int], second: tuple[int, int], ordering: str
) -> None:
    difference = difference_of_proportions(*first, *second, ordering=ordering)
    mirrored = difference_of_proportions(*second, *first, ordering=ordering)
    assert -1 <= difference.lower <= difference.estimate <= difference.upper <= 1
    assert difference.lower == pytest.approx(-mirrored.upper, abs=1e-12)
