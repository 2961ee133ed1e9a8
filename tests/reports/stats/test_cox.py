from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.stats.cox import cox
from reports.stats.observations import UnusableData
from tests.reports.stats.reference_data import dataset, datasets_with, r_value

AGREES = {"rel": 1e-10, "abs": 1e-12}


@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize("name", datasets_with("cox_efron"))
def test_cox_agrees_with_r(name: str, ties: str) -> None:
    data = dataset(name)
    fit = cox(data.time, data.event, data.covariates, ties=ties)
    assert fit.log_likelihood == pytest.approx(r_value(name, f"cox_{ties}", "loglik"), **AGREES)
    for coefficient in fit.coefficients:
        assert coefficient.coefficient == pytest.approx(
            r_value(name, f"cox_{ties}", f"coef_{coefficient.name}"), **AGREES
        )
        assert coefficient.std_error == pytest.approx(r_value(name, f"cox_{ties}", f"se_{coefficient.name}"), **AGREES)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize("decimals", [0, 6])
def test_cox_agrees_with_statsmodels_with_and_without_ties(ties: str, decimals: int) -> None:
    from statsmodels.duration.hazard_regression import PHReg

    random = np.random.default_rng(20)
    covariates = {"age": random.normal(60, 12, 150), "arm": random.integers(0, 2, 150).astype(float)}
    time = np.round(random.exponential(20 * np.exp(-0.5 * covariates["arm"])), decimals)
    event = random.random(150) < 0.6
    fit = cox(time, event, covariates, ties=ties)
    theirs = PHReg(time, np.column_stack(list(covariates.values())), status=event, ties=ties).fit(maxiter=200)
    assert [c.coefficient for c in fit.coefficients] == pytest.approx(theirs.params, rel=1e-6)
    assert [c.std_error for c in fit.coefficients] == pytest.approx(theirs.bse, rel=1e-6)
    assert [c.p for c in fit.coefficients] == pytest.approx(theirs.pvalues, rel=1e-5)


def test_hazard_ratio_has_wald_limits() -> None:
    data = dataset("reference_both_dfs")
    arm = cox(data.time, data.event, data.covariates)["arm"]
    assert arm.hazard_ratio == math.exp(arm.coefficient)
    assert math.log(arm.upper) - math.log(arm.lower) == pytest.approx(2 * 1.959963984540054 * arm.std_error)
    assert arm.is_estimable


@pytest.mark.parametrize("arm", [[1, 1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1, 1, 1]])
def test_an_arm_without_an_event_is_not_estimable_and_the_others_keep_their_limit(arm: list[float]) -> None:
    time, event = [3, 5, 9, 1, 2, 4, 6, 8], [0, 0, 0, 1, 1, 1, 1, 0]
    marker = [2.0, 1.0, 3.0, 1.0, 4.0, 0.0, 2.0, 1.0]
    fit = cox(time, event, {"arm": arm, "marker": marker})
    assert not fit["arm"].is_estimable
    assert fit["arm"].reason == "a level without an event"
    assert (fit["arm"].hazard_ratio, fit["arm"].upper, fit["arm"].p) == (None, None, None)
    alone = cox(time[3:], event[3:], {"marker": marker[3:]})
    assert fit["marker"].coefficient == pytest.approx(alone["marker"].coefficient, rel=1e-9)


def test_effects_that_run_to_infinity_together_are_not_estimable() -> None:
    # Three classes in two columns: the reference class has no event, though each column has events at both levels.
    time, event = [9, 8, 7, 1, 4, 6, 2, 3, 5], [0, 0, 0, 1, 1, 0, 1, 1, 0]
    low, high = [0, 0, 0, 1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0, 1, 1, 1]
    marker = [1, 2, 3, 2, 1, 3, 1, 2, 2]
    fit = cox(time, event, {"low": low, "high": high, "marker": marker})
    assert fit["low"].reason == fit["high"].reason == "the estimate runs to infinity"
    assert fit["marker"].is_estimable


def test_a_covariate_that_orders_all_events_is_not_estimable() -> None:
    fit = cox([1, 2, 3, 4, 5], [1, 1, 1, 1, 1], {"marker": [5, 4, 3, 2, 1]})
    assert fit["marker"].reason == "the estimate runs to infinity"


@pytest.mark.parametrize(
    ("time", "event", "values", "reason"),
    [
        ([], [], [], "no event"),
        ([4], [0], [1], "no event"),
        ([4], [1], [1], "the same for all subjects compared"),
        ([1, 2, 3], [0, 0, 0], [0, 1, 1], "no event"),
        ([1, 2, 3], [1, 1, 0], [1, 1, 1], "the same for all subjects compared"),
        ([0, 0], [0, 0], [0, 1], "no event"),
    ],
)
def test_data_that_cannot_inform_give_a_reason(time: list, event: list, values: list, reason: str) -> None:
    fit = cox(time, event, {"arm": values})
    assert fit["arm"].reason == reason
    assert fit.log_likelihood is None
    assert (fit.subjects, fit.events) == (len(time), sum(event))


def test_collinear_covariates_are_not_estimable_and_the_others_are() -> None:
    time, event, other = [1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 1, 1], [1, 3, 2, 5, 1, 4]
    fit = cox(time, event, {"a": [1, 2, 4, 3, 0, 1], "b": [2, 4, 8, 6, 0, 2], "other": other})
    assert fit["a"].reason == fit["b"].reason == "cannot be told apart in these data"
    assert fit["other"].is_estimable


def test_impossible_input_is_refused_with_a_sentence() -> None:
    with pytest.raises(UnusableData, match="There are 2 times, but arm has 1 values"):
        cox([1, 2], [1, 0], {"arm": [1]})
    with pytest.raises(UnusableData, match="arm contain a missing or infinite one"):
        cox([1, 2], [1, 0], {"arm": [1, np.nan]})
    with pytest.raises(UnusableData, match="time must not be negative"):
        cox([-1, 2], [1, 0], {"arm": [1, 0]})
    with pytest.raises(UnusableData, match="by breslow or efron, not by exact"):
        cox([1, 2], [1, 0], {"arm": [1, 0]}, ties="exact")


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.integers(0, 1), st.integers(-2, 3)), max_size=25),
    st.sampled_from(["breslow", "efron"]),
)
def test_any_data_give_ordered_limits_or_a_reason(subjects: list, ties: str) -> None:
    time, event, arm, marker = zip(*subjects, strict=True) if subjects else ([], [], [], [])
    fit = cox(time, event, {"arm": arm, "marker": marker}, ties=ties)
    for coefficient in fit.coefficients:
        if coefficient.is_estimable:
            assert coefficient.lower <= coefficient.hazard_ratio <= coefficient.upper
            assert coefficient.std_error < 1e3
        else:
            assert coefficient.reason


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_swapped_arms_give_the_inverse_hazard_ratio(seed: int) -> None:
    random = np.random.default_rng(seed)
    time, event, arm = random.integers(1, 20, 60), random.random(60) < 0.7, random.integers(0, 2, 60)
    one, other = cox(time, event, {"arm": arm})["arm"], cox(time, event, {"arm": 1 - arm})["arm"]
    assert one.hazard_ratio * other.hazard_ratio == pytest.approx(1, rel=1e-8)
