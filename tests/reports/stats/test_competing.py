from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.stats.competing import cumulative_incidence
from reports.stats.observations import UnusableData
from reports.stats.survival import kaplan_meier
from tests.reports.stats.reference_data import dataset, datasets_with, r_value

SUBJECTS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), min_size=1, max_size=40)


@pytest.mark.parametrize("name", datasets_with("cuminc"))
@pytest.mark.parametrize("cause", [1, 2])
@pytest.mark.parametrize("month", [0, 6, 12, 24, 36])
def test_cumulative_incidence_and_its_variance_agree_with_r(name: str, cause: int, month: float) -> None:
    data = dataset(name)
    estimate = cumulative_incidence(data.time, data.cause)[cause].at(month)
    assert estimate.estimate == pytest.approx(r_value(name, "cuminc", f"F{cause}@{month}"), rel=1e-10, abs=1e-12)
    # Equal to the last printed digit, under ties too.
    variance = r_value(name, "cuminc", f"var{cause}@{month}")
    assert estimate.std_error**2 == pytest.approx(variance, rel=1e-10, abs=1e-15)


@pytest.mark.parametrize("name", datasets_with("survfit_ms"))
@pytest.mark.parametrize("cause", [1, 2])
def test_cumulative_incidence_agrees_with_r_multi_state(name: str, cause: int) -> None:
    data = dataset(name)
    ours = cumulative_incidence(data.time, data.cause)[cause].at(24).estimate
    assert ours == pytest.approx(r_value(name, "survfit_ms", f"F{cause}@24"), rel=1e-10, abs=1e-12)


def test_a_cause_that_never_came_has_a_curve_when_asked_for() -> None:
    curves = cumulative_incidence([1, 2, 3], [1, 0, 1], number_of_causes=2)
    assert sorted(curves) == [1, 2]
    assert curves[2].at(2).estimate == 0
    assert (curves[2].at(2).lower, curves[2].at(2).upper) == (0, 0)


def test_an_only_cause_is_the_complement_of_kaplan_meier() -> None:
    data = dataset("reference_trial_os")
    incidence = cumulative_incidence(data.time, data.event)[1].at(24)
    survival = kaplan_meier(data.time, data.event).at(24)
    assert incidence.estimate == pytest.approx(1 - survival.estimate, rel=1e-12)
    assert incidence.n_risk == survival.n_risk


def test_nothing_is_known_after_the_last_observation_while_somebody_was_left() -> None:
    assert cumulative_incidence([1, 5], [1, 0])[1].at(6).estimate is None
    assert cumulative_incidence([1, 5], [1, 2])[1].at(6).estimate == 0.5


def test_no_subject_gives_curves_that_know_nothing() -> None:
    assert cumulative_incidence([], []) == {}
    assert cumulative_incidence([], [], number_of_causes=1)[1].at(0).estimate is None


def test_no_event_is_an_incidence_of_zero() -> None:
    curve = cumulative_incidence([0, 7], [0, 0], number_of_causes=1)[1]
    assert (curve.at(7).estimate, curve.at(7).std_error, curve.at(7).n_risk) == (0, 0, 1)


def test_one_subject_with_an_event_has_an_incidence_of_one() -> None:
    curve = cumulative_incidence([4], [1])[1]
    assert curve.at(3).estimate == 0
    assert (curve.at(4).estimate, curve.at(4).lower, curve.at(4).upper) == (1, 1, 1)


def test_impossible_input_is_refused_with_a_sentence() -> None:
    with pytest.raises(UnusableData, match="whole numbers"):
        cumulative_incidence([1, 2], [0.5, 1])
    with pytest.raises(UnusableData, match="whole numbers"):
        cumulative_incidence([1, 2], [-1, 1])
    with pytest.raises(UnusableData, match="There are 1 times, but cause has 2 values"):
        cumulative_incidence([1], [0, 1])
    with pytest.raises(UnusableData, match="event of cause 3, but only 2 causes"):
        cumulative_incidence([1], [3], number_of_causes=2)
    with pytest.raises(UnusableData, match="0 or later"):
        cumulative_incidence([1], [1])[1].at(float("nan"))


@settings(max_examples=80, deadline=None)
@given(SUBJECTS)
def test_incidences_and_survival_add_up_to_one(subjects: list) -> None:
    time, cause = zip(*subjects, strict=True)
    curves = cumulative_incidence(time, cause, number_of_causes=3)
    survival = kaplan_meier(time, np.array(cause) > 0)
    total = survival.survival + sum(curve.incidence for curve in curves.values())
    assert total == pytest.approx(np.ones(total.size), abs=1e-12)


@settings(max_examples=80, deadline=None)
@given(SUBJECTS)
def test_incidence_rises_within_its_limits(subjects: list) -> None:
    time, cause = zip(*subjects, strict=True)
    for curve in cumulative_incidence(time, cause).values():
        assert (np.diff(curve.incidence) >= 0).all()
        assert (curve.lower <= curve.incidence + 1e-12).all()
        assert (curve.incidence <= curve.upper + 1e-12).all()
        assert (curve.std_error >= 0).all()
