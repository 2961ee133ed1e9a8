from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.stats.observations import UnusableData
from reports.stats.survival import kaplan_meier, log_rank, reverse_kaplan_meier
from tests.reports.stats.reference_data import all_484, dataset, datasets_with, r_value

AGREES = {"rel": 1e-10, "abs": 1e-12}
SUBJECTS = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40)


@pytest.mark.parametrize("name", datasets_with("km"))
@pytest.mark.parametrize("month", [0, 6, 12, 24, 36])
def test_kaplan_meier_agrees_with_r(name: str, month: float) -> None:
    data = dataset(name)
    estimate = kaplan_meier(data.time, data.event).at(month)
    assert estimate.estimate == pytest.approx(r_value(name, "km", f"surv@{month}"), **AGREES)
    assert estimate.std_error == pytest.approx(r_value(name, "km", f"std.err@{month}"), **AGREES)
    assert estimate.lower == pytest.approx(r_value(name, "km", f"lower@{month}"), **AGREES)
    assert estimate.upper == pytest.approx(r_value(name, "km", f"upper@{month}"), **AGREES)
    assert estimate.n_risk == r_value(name, "km", f"n.risk@{month}")


@pytest.mark.parametrize("name", datasets_with("km_log"))
@pytest.mark.parametrize("interval", ["log", "plain"])
def test_kaplan_meier_agrees_with_r_on_other_scales(name: str, interval: str) -> None:
    data = dataset(name)
    estimate = kaplan_meier(data.time, data.event, interval=interval).at(24)
    assert estimate.lower == pytest.approx(r_value(name, f"km_{interval}", "lower@24"), **AGREES)
    assert estimate.upper == pytest.approx(r_value(name, f"km_{interval}", "upper@24"), **AGREES)


@pytest.mark.parametrize("name", datasets_with("km"))
def test_median_and_its_limits_agree_with_r(name: str) -> None:
    data = dataset(name)
    median = kaplan_meier(data.time, data.event).median
    expected = [r_value(name, "km", key) for key in ("median", "median_lo", "median_hi")]
    for ours, r in zip((median.estimate, median.lower, median.upper), expected, strict=True):
        assert ours is None if r is None else ours == pytest.approx(r, **AGREES)


@pytest.mark.parametrize("name", datasets_with("revkm"))
def test_reverse_kaplan_meier_median_agrees_with_r(name: str) -> None:
    data = dataset(name)
    median = reverse_kaplan_meier(data.time, data.event).median
    assert median.estimate == pytest.approx(r_value(name, "revkm", "median"), **AGREES)


@pytest.mark.parametrize("name", datasets_with("logrank"))
def test_log_rank_agrees_with_r(name: str) -> None:
    data = dataset(name)
    test = log_rank(data.time, data.event, data.arm)
    assert test.chi2 == pytest.approx(r_value(name, "logrank", "chi2"), **AGREES)
    assert test.p == pytest.approx(r_value(name, "logrank", "p"), **AGREES)
    assert test.expected[0] == pytest.approx(r_value(name, "logrank", "exp0"), **AGREES)
    assert test.expected[1] == pytest.approx(r_value(name, "logrank", "exp1"), **AGREES)


@pytest.mark.parametrize("endpoint", ["efs", "os"])
def test_kaplan_meier_agrees_with_lifelines(endpoint: str) -> None:
    from lifelines import KaplanMeierFitter

    time, event = all_484(endpoint)
    curve = kaplan_meier(time, event)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = KaplanMeierFitter().fit(time, event)
        limits = theirs.confidence_interval_.loc[curve.times].to_numpy()
    assert curve.survival == pytest.approx(theirs.survival_function_at_times(curve.times).to_numpy(), rel=1e-12)
    positive = curve.survival > 0
    assert np.column_stack([curve.lower, curve.upper])[positive] == pytest.approx(limits[positive], rel=1e-10)


def test_log_rank_of_three_groups_agrees_with_lifelines() -> None:
    from lifelines.statistics import multivariate_logrank_test

    data = dataset("reference_both_dfs")
    group = np.where(data.covariates["x3"] == 1, "HIGH", np.where(data.covariates["x2"] == 1, "LOW", "NEG"))
    ours, theirs = log_rank(data.time, data.event, group), multivariate_logrank_test(data.time, group, data.event)
    assert ours.groups == ("HIGH", "LOW", "NEG")
    assert ours.degrees_of_freedom == 2
    assert ours.chi2 == pytest.approx(theirs.test_statistic, rel=1e-10)
    assert ours.p == pytest.approx(theirs.p_value, rel=1e-10)


def test_median_is_the_midpoint_where_the_curve_stays_at_one_half() -> None:
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).median.estimate == 2.5


def test_median_is_where_one_half_is_reached_if_the_curve_never_falls_below() -> None:
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0]).median.estimate == 2


def test_median_is_unknown_where_the_curve_stays_above_one_half() -> None:
    assert kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0]).median.estimate is None


def test_number_at_risk_counts_those_observed_up_to_that_very_time() -> None:
    curve = kaplan_meier([5, 10, 10, 12], [1, 0, 1, 0])
    assert [curve.at(t).n_risk for t in (0, 5, 5.1, 10, 10.1, 12)] == [4, 4, 3, 3, 1, 1]


def test_no_subject_gives_a_curve_that_knows_nothing() -> None:
    curve = kaplan_meier([], [])
    assert curve.subjects == 0
    assert curve.at(0).estimate is None
    assert curve.median.estimate is None


def test_no_event_keeps_the_curve_at_one_until_the_last_observation() -> None:
    curve = kaplan_meier([3, 9], [0, 0])
    assert (curve.at(9).estimate, curve.at(9).lower, curve.at(9).upper, curve.at(9).std_error) == (1, 1, 1, 0)
    assert curve.at(9.5).estimate is None


def test_one_subject_with_an_event_ends_at_zero_without_limits() -> None:
    curve = kaplan_meier([4], [1])
    assert (curve.at(3.9).estimate, curve.at(3.9).lower) == (1, 1)
    assert (curve.at(4).estimate, curve.at(4).lower, curve.at(4).upper) == (0, None, None)
    assert curve.at(60).estimate == 0


def test_all_censored_at_zero_is_known_at_zero_only() -> None:
    curve = kaplan_meier([0, 0], [0, 0])
    assert curve.at(0).estimate == 1
    assert curve.at(0).n_risk == 2
    assert curve.at(1).estimate is None


def test_steps_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        kaplan_meier([1], [1]).survival[0] = 0.5


@pytest.mark.parametrize(
    ("time", "event", "message"),
    [
        ([-1, 2], [0, 1], "must not be negative"),
        ([1, np.nan], [0, 1], "missing or infinite"),
        ([1, 2], [0, np.nan], "missing or infinite"),
        ([1, 2, 3], [0, 1], "There are 3 times, but event has 2 values."),
        ([1, 2], [0, 2], "must be 1 (event) or 0 (censored)"),
        (["a"], [1], "must be numbers"),
        ([[1, 2]], [[1, 0]], "one plain list"),
    ],
)
def test_impossible_input_is_refused_with_a_sentence(time: list, event: list, message: str) -> None:
    with pytest.raises(UnusableData, match=re.escape(message)):
        kaplan_meier(time, event)


def test_impossible_level_interval_and_time_are_refused() -> None:
    with pytest.raises(UnusableData, match="between 0 and 1"):
        kaplan_meier([1], [1], level=95)
    with pytest.raises(UnusableData, match="one of log-log, log, plain"):
        kaplan_meier([1], [1], interval="loglog")
    with pytest.raises(UnusableData, match="0 or later"):
        kaplan_meier([1], [1]).at(-1)


@pytest.mark.parametrize(
    ("time", "event", "group"),
    [([], [], []), ([1, 2], [1, 1], ["A", "A"]), ([1, 2], [0, 0], ["A", "B"]), ([1, 2, 9], [1, 1, 0], ["A", "A", "B"])],
)
def test_log_rank_says_where_there_is_nothing_to_compare(time: list, event: list, group: list) -> None:
    test = log_rank(time, event, group)
    if group == ["A", "A", "B"]:
        assert test.chi2 is not None
    else:
        assert (test.chi2, test.p) == (None, None)


def test_log_rank_refuses_a_missing_group() -> None:
    with pytest.raises(UnusableData, match="group contain a missing one"):
        log_rank([1, 2], [1, 1], np.array(["A", None], dtype=object))


@settings(max_examples=60, deadline=None)
@given(SUBJECTS, st.sampled_from(["log-log", "log", "plain"]))
def test_curve_falls_from_one_towards_zero_within_its_limits(subjects: list, interval: str) -> None:
    time, event = zip(*subjects, strict=True)
    curve = kaplan_meier(time, event, interval=interval)
    assert (np.diff(curve.survival, prepend=1.0) <= 0).all()
    known = ~np.isnan(curve.lower)
    assert (known == (curve.survival > 0)).all()
    assert (curve.lower[known] >= 0).all()
    assert (curve.lower[known] <= curve.survival[known]).all()
    assert (curve.survival[known] <= curve.upper[known]).all()
    assert (curve.upper[known] <= 1).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(0, 30))
def test_without_censoring_the_curve_is_the_share_of_those_beyond(time: list, t: int) -> None:
    curve = kaplan_meier(time, np.ones(len(time)))
    share = float((np.array(time) > t).mean())
    assert curve.at(t).estimate == pytest.approx(share, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.sampled_from("ABC")), min_size=1, max_size=40))
def test_log_rank_expects_as_many_events_as_were_observed(subjects: list) -> None:
    time, event, group = zip(*subjects, strict=True)
    test = log_rank(time, event, group)
    assert sum(test.expected) == pytest.approx(sum(test.observed), abs=1e-9)
    assert test.chi2 is None or test.chi2 >= -1e-9
