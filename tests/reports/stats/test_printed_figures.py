"""The purely statistical figures of the reference trial come out to the digit (`tests/reference/results.csv`)."""

from __future__ import annotations

import numpy as np

from reports.stats import rounding
from reports.stats.competing import cumulative_incidence
from reports.stats.cox import cox
from reports.stats.matched import weighted_kaplan_meier
from reports.stats.survival import kaplan_meier, reverse_kaplan_meier
from tests.reports.stats.reference_data import (
    all_484,
    column,
    controls,
    dataset,
    matched_controls,
    months,
    printed,
    trial,
)


def two_year(time: np.ndarray, event: np.ndarray) -> str:
    estimate = kaplan_meier(time, event).at(24)
    return rounding.estimate_with_interval(estimate.estimate, estimate.lower, estimate.upper)


def two_year_of(name: str) -> str:
    return two_year(dataset(name).time, dataset(name).event)


def hazard_ratio_of(name: str, *, ties: str) -> str:
    data = dataset(name)
    arm = cox(data.time, data.event, data.covariates, ties=ties)["arm"]
    return rounding.hazard_ratio(arm.hazard_ratio, arm.lower, arm.upper)


def test_two_year_survival_of_the_trial() -> None:
    assert two_year_of("reference_trial_dfs") == printed("DFS24")
    assert two_year_of("reference_trial_os") == printed("OS24")


def test_two_year_survival_with_deviations_censored() -> None:
    assert two_year_of("reference_trial_dfs_sens") == printed("DFS24_SENS")
    assert two_year_of("reference_trial_os_sens") == printed("OS24_SENS")


def test_two_year_survival_of_the_controls() -> None:
    assert two_year_of("reference_ctrl_dfs") == printed("CTRL_DFS24")
    assert two_year_of("reference_ctrl_os") == printed("CTRL_OS24")
    assert str(len(controls())) == printed("CTRL_N")


def test_two_year_survival_of_all_interfant_patients() -> None:
    assert two_year(*all_484("efs")) == printed("ALL484_EFS")
    assert two_year(*all_484("os")) == printed("ALL484_OS")


def test_cumulative_incidence_of_relapse() -> None:
    data = dataset("reference_trial_dfs")
    relapse = cumulative_incidence(data.time, data.cause)[1].at(24)
    assert rounding.estimate_with_interval(relapse.estimate, relapse.lower, relapse.upper) == printed("CIR24")


def test_adjusted_hazard_ratios() -> None:
    for ties in ("breslow", "efron"):
        assert hazard_ratio_of("reference_both_dfs", ties=ties) == printed(f"HR_DFS_{ties}")
        assert hazard_ratio_of("reference_both_os", ties=ties) == printed(f"HR_OS_{ties}")


def test_matched_controls() -> None:
    data = dataset("reference_matched_dfs")
    curve = weighted_kaplan_meier(data.time, data.event, [row["matched_trial_patient"] for row in matched_controls()])
    estimate = curve.at(24)
    assert rounding.estimate_with_interval(estimate.estimate, estimate.lower, estimate.upper) == printed("WKM")
    assert f"{curve.controls} controls for {curve.cases} cases" == printed("WKM_N")


def test_follow_up() -> None:
    time, event = months(column(trial(), "os_days")), column(trial(), "os_event")
    assert rounding.value_with_range(float(np.median(time)), time.min(), time.max()) == printed("FU_MEDIAN")
    assert rounding.value_with_range(reverse_kaplan_meier(time, event).median.estimate, None, None) == printed(
        "FU_REVKM"
    )


def low_or_negative(item: str) -> tuple[int, int]:
    measured = [row[item] for row in controls() if row[item]]
    return sum(result in ("NEG", "LOW") for result in measured), len(measured)


def test_controls_before_marma_and_octadad() -> None:
    assert rounding.percent_count(*low_or_negative("mrd_before_marma")) == printed("CTRL_MARMA")
    assert rounding.percent_count(*low_or_negative("mrd_before_octadad")) == printed("CTRL_OCT")


def test_medium_risk_controls_with_high_disease_before_octadad() -> None:
    results = [row["mrd_before_octadad"] for row in controls() if row["risk_group"] == "MEDIUM"]
    measured = [result for result in results if result]
    assert f"{rounding.percent(measured.count('HIGH'), len(measured))}%" == printed("CTRL_MR_OCT_HIGH")


def test_high_risk_controls_with_an_event_before_transplantation() -> None:
    high_risk = [row for row in controls() if row["risk_group"] == "HIGH"]
    before = [row for row in high_risk if row["dfs_event"] == "1" and not row["hsct_cr1_day"]]
    assert f"{rounding.percent(len(before), len(high_risk))}%" == printed("CTRL_HR_EVENT_BEFORE_HSCT")
