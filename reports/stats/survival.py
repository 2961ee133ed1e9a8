"""Kaplan-Meier curves, their medians, reverse Kaplan-Meier, and the log-rank test.

Times are in one unit (months in the reports), events are coded 1 = event, 0 = censored. Times tie only where they are
equal as numbers: compute months from whole days in one way. Agrees with R's `survival` 3.5-3 (`survfit`, `survdiff`).
Not handled: left truncation, weights (see `matched`), strata.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from reports.stats import observations
from reports.stats.observations import Floats, Integers, UnusableData

Interval = Literal["log-log", "log", "plain"]

# R's minmin() takes a curve for "at 0.5" within sqrt(machine epsilon); cumulative products seldom hit 0.5 to the bit.
_HALF_TOLERANCE = float(np.sqrt(np.finfo(float).eps))


@dataclass(frozen=True)
class Estimate:
    """A probability at one time. None where the data cannot say: there is then no number to print.

    n_risk counts the subjects observed up to at least that time (time >= t).
    """

    estimate: float | None
    lower: float | None
    upper: float | None
    std_error: float | None
    n_risk: int


@dataclass(frozen=True)
class Median:
    """The time at which a curve falls to one half; None where it does not, and for a limit that does not."""

    estimate: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A step function with one entry for each distinct observed time, events and censorings alike.

    survival, std_error, lower, upper: just after the time. lower, upper and std_error are NaN where survival is 0, for
        Greenwood's formula then divides by zero (R prints NA); where it is 1 they are 1, 1 and 0.
    at_risk: subjects with time >= that time. events, censored: their numbers at that time.
    """

    times: Floats
    survival: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers
    events: Integers
    censored: Integers
    level: float
    interval: Interval

    @property
    def subjects(self) -> int:
        return int(self.at_risk[0]) if self.at_risk.size else 0

    def n_risk(self, t: float) -> int:
        """Subjects with time >= t."""
        position = int(np.searchsorted(self.times, t, side="left"))
        return int(self.at_risk[position]) if position < self.times.size else 0

    def at(self, t: float) -> Estimate:
        """The curve at `t`, its limits and the number at risk.

        Before the first event it is 1 with limits 1 and 1. After the last observed time nothing is known unless the
        curve has reached 0: the estimate is then None (R's `summary(survfit)` leaves such a time out).
        """
        if not t >= 0:
            raise UnusableData(f"A curve is read at a time of 0 or later, not at {t:g}.")
        position = int(np.searchsorted(self.times, t, side="right")) - 1
        if not self._is_known_at(t):
            return Estimate(None, None, None, None, 0)
        if position < 0:
            return Estimate(1.0, 1.0, 1.0, 0.0, self.n_risk(t))
        steps = (self.survival, self.lower, self.upper, self.std_error)
        estimate, lower, upper, std_error = (_number_or_none(step[position]) for step in steps)
        return Estimate(estimate, lower, upper, std_error, self.n_risk(t))

    def _is_known_at(self, t: float) -> bool:
        return self.times.size > 0 and (t <= self.times[-1] or self.survival[-1] == 0)

    @property
    def median(self) -> Median:
        """The median with the limits where the limits of the curve cross one half (Brookmeyer-Crowley, as R)."""
        crossings = (_time_at_half(self.times, curve) for curve in (self.survival, self.lower, self.upper))
        return Median(*crossings)


def kaplan_meier(
    time: npt.ArrayLike, event: npt.ArrayLike, *, level: float = 0.95, interval: Interval = "log-log"
) -> SurvivalCurve:
    """The Kaplan-Meier curve with Greenwood's standard error.

    time: observed times, >= 0. event: 1 = event, 0 = censored. No subject gives a curve that knows nothing.
    interval: scale of the limits; "log-log" (SAS LIFETEST's default), "log" (R's default) or "plain".
    Raises UnusableData for missing, negative or unequal input.

    >>> kaplan_meier([1, 2, 3, 4], [1, 0, 1, 0]).at(3).estimate
    0.375
    """
    observed = observations.times(time)
    happened = observations.events(event, like=observed)
    z = observations.normal_quantile(level)
    if interval not in get_args(Interval):
        raise UnusableData(f"The interval of a curve is one of {', '.join(get_args(Interval))}, not {interval}.")
    distinct, at_risk, leaving, deaths = _life_table(observed, happened)
    survival = np.cumprod((at_risk - deaths) / at_risk)
    greenwood = _greenwood(at_risk=at_risk, deaths=deaths)
    lower, upper = limits(survival, greenwood, z=z, interval=interval)
    return SurvivalCurve(
        times=observations.frozen(distinct),
        survival=observations.frozen(survival),
        std_error=observations.frozen(_times_root(survival, greenwood)),
        lower=observations.frozen(lower),
        upper=observations.frozen(upper),
        at_risk=observations.frozen(at_risk),
        events=observations.frozen(deaths),
        censored=observations.frozen(leaving - deaths),
        level=level,
        interval=interval,
    )


def reverse_kaplan_meier(
    time: npt.ArrayLike, event: npt.ArrayLike, *, level: float = 0.95, interval: Interval = "log-log"
) -> SurvivalCurve:
    """The curve of follow-up itself: a censoring is its event. Its median is the potential follow-up.

    Schemper and Smith, Control Clin Trials 1996;17:343. Arguments as in `kaplan_meier`.
    """
    observed = observations.times(time)
    happened = observations.events(event, like=observed)
    return kaplan_meier(observed, ~happened, level=level, interval=interval)


def limits(survival: Floats, relative_variance: Floats, *, z: float, interval: Interval) -> tuple[Floats, Floats]:
    """Lower and upper limits of probabilities whose variance is `survival ** 2 * relative_variance`.

    NaN where survival is 0; 1 and 1 where it is 1. Limits stay between 0 and 1.
    """
    lower: Floats
    upper: Floats
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = z * np.sqrt(relative_variance)
        if interval == "log-log":
            factor = np.exp(spread / np.abs(np.log(survival)))
            lower, upper = survival**factor, survival ** (1 / factor)
        elif interval == "log":
            lower, upper = survival * np.exp(-spread), survival * np.exp(spread)
        else:
            lower, upper = survival * (1 - spread), survival * (1 + spread)
    certain = survival == 1
    lower, upper = np.where(certain, 1.0, lower), np.where(certain, 1.0, upper)
    unknown = (survival == 0) | ~np.isfinite(relative_variance)
    return np.where(unknown, np.nan, np.clip(lower, 0, 1)), np.where(unknown, np.nan, np.clip(upper, 0, 1))


@dataclass(frozen=True)
class LogRank:
    """Observed and expected events of each group, and the test that their hazards are equal.

    chi2 and p are None where there is nothing to compare: one group only, no event, or events at no time at which
    two groups were at risk.
    """

    groups: tuple[Any, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    chi2: float | None
    degrees_of_freedom: int
    p: float | None


def log_rank(time: npt.ArrayLike, event: npt.ArrayLike, group: Any) -> LogRank:
    """The log-rank test of any number of groups (Mantel-Haenszel variance, as R's `survdiff` with rho = 0).

    time, event: as in `kaplan_meier`. group: one label for each subject; groups come back sorted.
    """
    observed_times = observations.times(time)
    happened = observations.events(event, like=observed_times)
    groups, member = np.unique(observations.labels(group, like=observed_times, name="group"), return_inverse=True)
    at_risk, deaths = _tables_by_group(observed_times, happened, member, len(groups))
    total_at_risk, total_deaths = at_risk.sum(axis=1), deaths.sum(axis=1)
    share = at_risk / total_at_risk[:, None]
    expected = total_deaths @ share
    chi2, freedom = _chi_square(
        deaths.sum(axis=0) - expected, _log_rank_variance(share, total_at_risk=total_at_risk, total_deaths=total_deaths)
    )
    return LogRank(
        groups=tuple(groups.tolist()),
        observed=tuple(int(number) for number in deaths.sum(axis=0)),
        expected=tuple(float(number) for number in expected),
        chi2=chi2,
        degrees_of_freedom=freedom,
        p=None if chi2 is None else _chi_square_tail(chi2, freedom),
    )


def _life_table(time: Floats, event: npt.NDArray[np.bool_]) -> tuple[Floats, Integers, Integers, Integers]:
    """Distinct times, numbers at risk, numbers leaving (event or censored) and numbers of events at each."""
    order = np.argsort(time)
    ordered, happened = time[order], event[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1.0))  # a time is never negative, so the first always counts
    if first.size == 0:
        nothing = np.zeros(0, dtype=np.int64)
        return ordered, nothing, nothing, nothing
    at_risk = time.size - first
    leaving = np.diff(first, append=time.size)
    deaths = np.add.reduceat(happened.astype(np.int64), first)
    return ordered[first], at_risk, leaving, deaths


def _greenwood(*, at_risk: Integers, deaths: Integers) -> Floats:
    """Greenwood's sum of d / (n (n - d)): the relative variance of the curve; infinite once it is 0."""
    with np.errstate(divide="ignore"):
        return np.cumsum(deaths / (at_risk * (at_risk - deaths).astype(np.float64)))


def _times_root(survival: Floats, relative_variance: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return survival * np.sqrt(relative_variance)


def _number_or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _time_at_half(times: Floats, curve: Floats) -> float | None:
    """The first time at or below 0.5; where a curve stays at exactly 0.5, the middle of that stretch."""
    with np.errstate(invalid="ignore"):
        reached = np.flatnonzero(curve < 0.5 + _HALF_TOLERANCE)
    if reached.size == 0:
        return None
    first = reached[0]
    below = reached[curve[reached] < curve[first] - _HALF_TOLERANCE]
    if abs(curve[first] - 0.5) < _HALF_TOLERANCE and below.size:
        return float((times[first] + times[below[0]]) / 2)
    return float(times[first])


def _tables_by_group(
    time: Floats, event: npt.NDArray[np.bool_], member: Integers, number_of_groups: int
) -> tuple[Integers, Integers]:
    """Numbers at risk and of events, one row for each distinct event time, one column for each group."""
    event_times = np.unique(time[event])
    shape = (event_times.size, number_of_groups)
    # A subject is at risk at every event time up to its own, so it enters at the last of them.
    last = np.searchsorted(event_times, time, side="right") - 1
    counted = last >= 0
    leaving = _count(last[counted], member[counted], shape)
    at_risk = leaving[::-1].cumsum(axis=0)[::-1]
    return at_risk, _count(last[event], member[event], shape)


def _count(row: Integers, column: Integers, shape: tuple[int, int]) -> Integers:
    return np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1]).reshape(shape)


def _log_rank_variance(share: Floats, *, total_at_risk: Integers, total_deaths: Integers) -> Floats:
    """The hypergeometric covariance of the groups' numbers of events, summed over the event times."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = total_deaths * (total_at_risk - total_deaths) / (total_at_risk - 1)
    spread = np.where(total_at_risk > 1, spread, 0.0)
    return np.diag(spread @ share) - (share * spread[:, None]).T @ share


def _chi_square(difference: Floats, variance: Floats) -> tuple[float | None, int]:
    """The quadratic form over the groups that were ever compared, and its degrees of freedom."""
    compared = np.flatnonzero(np.diag(variance) > 0)
    freedom = max(compared.size - 1, 0)
    if freedom == 0:
        return None, 0
    kept = compared[1:]  # the groups' differences add up to 0, so one of them says nothing new
    part = difference[kept]
    try:
        return float(part @ np.linalg.solve(variance[np.ix_(kept, kept)], part)), freedom
    except np.linalg.LinAlgError:  # groups that were at risk at different times only
        return None, freedom


def _chi_square_tail(chi2: float, freedom: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, chi2))
