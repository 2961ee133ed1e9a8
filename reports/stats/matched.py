"""The weighted Kaplan-Meier curve of matched controls.

Galimberti, Sasieni and Valsecchi, Stat Med 2002;21:3847: each control weighs 1 / (controls matched to the same case),
so that each case with a control counts once. Times are in one unit, events are coded 1 = event, 0 = censored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from reports.stats import observations
from reports.stats.observations import Floats, UnusableData
from reports.stats.survival import Estimate, limits


@dataclass(frozen=True, eq=False)
class WeightedCurve:
    """A falling step function with one entry for each distinct observed time; NaN limits where it is 0.

    at_risk: controls (not their weights) with time >= that time. controls, cases: numbers of controls and of the
    cases that they are matched to.
    """

    times: Floats
    survival: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    at_risk: npt.NDArray[np.int64]
    controls: int
    cases: int
    level: float

    def at(self, t: float) -> Estimate:
        """The curve at `t`. None after the last observed time, unless the curve has reached 0."""
        if not t >= 0:
            raise UnusableData(f"A curve is read at a time of 0 or later, not at {t:g}.")
        if self.times.size == 0 or (t > self.times[-1] and self.survival[-1] > 0):
            return Estimate(None, None, None, None, 0)
        position = int(np.searchsorted(self.times, t, side="right")) - 1
        n_risk = int(self.at_risk[np.searchsorted(self.times, t, side="left")]) if t <= self.times[-1] else 0
        if position < 0:
            return Estimate(1.0, 1.0, 1.0, 0.0, n_risk)
        if self.survival[position] == 0:
            return Estimate(0.0, None, None, None, n_risk)
        steps = (self.survival, self.lower, self.upper, self.std_error)
        estimate, lower, upper, std_error = (float(step[position]) for step in steps)
        return Estimate(estimate, lower, upper, std_error, n_risk)


def weights_of_matched(case: Any) -> Floats:
    """For each control 1 / (number of controls matched to the same case). case: one label for each control."""
    _, position, size = np.unique(np.asarray(case), return_inverse=True, return_counts=True)
    return 1 / size[position]


def weighted_kaplan_meier(
    time: npt.ArrayLike, event: npt.ArrayLike, case: Any, *, level: float = 0.95
) -> WeightedCurve:
    """The curve of matched controls with log-transformed limits.

    time, event: of each control. case: label of the case that the control is matched to.
    With W the sum of the weights at risk, w that of the events at a time and v the sum of the squares of their weights,
    the curve is the product of (1 - w / W) and its relative variance the sum of v / (W (W - w)): with equal weights,
    Kaplan-Meier and Greenwood. Other forms that agree with Greenwood's for equal weights (the squared weights of all at
    risk in the place of v; R's robust variance) differ from it by less than a hundredth part in the reference data.
    Controls are taken as independent of each other, and one matched to several cases is not handled.
    Raises UnusableData for impossible input.
    """
    observed = observations.times(time)
    happened = observations.events(event, like=observed)
    cases = observations.labels(case, like=observed, name="case")
    z = observations.normal_quantile(level)
    weight = weights_of_matched(cases)
    distinct, position = np.unique(observed, return_inverse=True)
    at_risk, weight_at_risk = (_at_risk(position, values, distinct.size) for values in (np.ones(observed.size), weight))
    died, died_squared = (_sums(position[happened], values[happened], distinct.size) for values in (weight, weight**2))
    # Sums of weights leave rounding behind where all at risk die: that remainder is 0.
    surviving = np.where(weight_at_risk - died > 1e-12 * weight_at_risk, weight_at_risk - died, 0.0)
    survival = np.cumprod(surviving / weight_at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(np.where(died > 0, died_squared / (weight_at_risk * surviving), 0.0))
        std_error = survival * np.sqrt(variance)
    lower, upper = limits(survival, variance, z=z, interval="log")
    return WeightedCurve(
        times=observations.frozen(distinct),
        survival=observations.frozen(survival),
        std_error=observations.frozen(std_error),
        lower=observations.frozen(lower),
        upper=observations.frozen(upper),
        at_risk=observations.frozen(np.rint(at_risk).astype(np.int64)),
        controls=observed.size,
        cases=np.unique(cases).size,
        level=level,
    )


def _at_risk(position: npt.NDArray[np.int64], values: Floats, size: int) -> Floats:
    """The sum of `values` over those observed up to each distinct time or longer."""
    return _sums(position, values, size)[::-1].cumsum()[::-1]


def _sums(position: npt.NDArray[np.int64], values: Floats, size: int) -> Floats:
    return np.bincount(position, weights=values, minlength=size).astype(np.float64)
