from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.stats.matched import WeightedCurve, weighted_kaplan_meier, weights_of_matched
from reports.stats.observations import UnusableData
from reports.stats.survival import kaplan_meier
from tests.reports.stats.reference_data import dataset, matched_controls, r_value


def reference_curve() -> WeightedCurve:
    data = dataset("reference_matched_dfs")
    return weighted_kaplan_meier(data.time, data.event, [row["matched_trial_patient"] for row in matched_controls()])


def test_weighted_kaplan_meier_agrees_with_r() -> None:
    curve = reference_curve()
    estimate = curve.at(24)
    assert (curve.controls, curve.cases) == (100, 30)
    assert estimate.estimate == pytest.approx(r_value("reference_matched_dfs", "wkm_robust", "surv@24"), rel=1e-10)
    # R's robust variance is another estimator of the same thing.
    for ours, key in ((estimate.std_error, "std.err@24"), (estimate.lower, "lower@24"), (estimate.upper, "upper@24")):
        assert ours == pytest.approx(r_value("reference_matched_dfs", "wkm_robust", key), abs=1e-3)


def test_each_case_weighs_one() -> None:
    assert weights_of_matched(["A", "B", "A", "A", "B"]) == pytest.approx([1 / 3, 1 / 2, 1 / 3, 1 / 3, 1 / 2])


def test_squares_of_the_events_weights_are_in_the_variance() -> None:
    # Weights 1/2, 1/2, 1: the curve falls by (1/2) / 2; Greenwood's term is (1/2)^2 / (2 * 3/2).
    estimate = weighted_kaplan_meier([1, 2, 3], [1, 0, 0], ["A", "A", "B"]).at(1)
    assert estimate.estimate == pytest.approx(0.75)
    assert estimate.std_error == pytest.approx(0.75 * np.sqrt(0.25 / 3))
    assert estimate.n_risk == 3


def test_the_edges_are_those_of_kaplan_meier() -> None:
    assert weighted_kaplan_meier([], [], []).at(0).estimate is None
    curve = weighted_kaplan_meier([2, 3, 3], [1, 1, 1], ["A", "A", "B"])
    assert (curve.at(1).estimate, curve.at(1).lower, curve.at(1).n_risk) == (1, 1, 3)
    assert (curve.at(3).estimate, curve.at(3).lower) == (0, None)
    assert (curve.at(9).estimate, curve.at(9).n_risk) == (0, 0)
    censored = weighted_kaplan_meier([0, 0], [0, 0], ["A", "B"])
    assert censored.at(0).estimate == 1
    assert censored.at(1).estimate is None


def test_impossible_input_is_refused_with_a_sentence() -> None:
    with pytest.raises(UnusableData, match="There are 2 times, but case has 1 values"):
        weighted_kaplan_meier([1, 2], [1, 0], ["A"])
    with pytest.raises(UnusableData, match="case contain a missing one"):
        weighted_kaplan_meier([1, 2], [1, 0], np.array(["A", None], dtype=object))
    with pytest.raises(UnusableData, match="0 or later"):
        weighted_kaplan_meier([1], [1], ["A"]).at(-1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30))
def test_one_control_for_each_case_gives_kaplan_meier_and_greenwood(subjects: list) -> None:
    time, event = zip(*subjects, strict=True)
    weighted = weighted_kaplan_meier(time, event, range(len(time)))
    plain = kaplan_meier(time, event, interval="log")
    for name in ("survival", "std_error", "lower", "upper", "at_risk"):
        assert getattr(weighted, name) == pytest.approx(getattr(plain, name), rel=1e-9, abs=1e-12, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans(), st.sampled_from("ABCD")), min_size=1, max_size=30))
def test_curve_falls_within_its_limits(controls: list) -> None:
    time, event, case = zip(*controls, strict=True)
    curve = weighted_kaplan_meier(time, event, case)
    assert (np.diff(curve.survival, prepend=1.0) <= 1e-12).all()
    known = curve.survival > 0
    assert (curve.lower[known] <= curve.survival[known] + 1e-12).all()
    assert (curve.survival[known] <= curve.upper[known] + 1e-12).all()
