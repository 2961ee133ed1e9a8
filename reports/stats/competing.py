"""Cumulative incidence of competing events (Aalen-Johansen), with Aalen's variance and log-log limits.

Times are in one unit; causes are coded 0 = censored, 1, 2, ... = the event that came first. Agrees with R's `cmprsk`
2.2-11 (`cuminc`) and SAS LIFETEST, also where events tie: events of all causes at one time leave one risk set
together, and censorings at that time come after them. Not handled: left truncation, weights, Gray's test.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reports.stats import observations
from reports.stats.observations import Floats, Integers, UnusableData
from reports.stats.survival import Estimate


@dataclass(frozen=True, eq=False)
class IncidenceCurve:
    """A rising step function of one cause, with one entry for each distinct observed time.

    std_error is Aalen's. Where the incidence is 0, std_error, lower and upper are 0: no event, no spread to measure.
    at_risk: subjects with time >= that time. events: events of this cause at that time.
    """

    cause: int
    times: Floats
    incidence: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers
    events: Integers
    ends_without_survivor: bool
    level: float

    def n_risk(self, t: float) -> int:
        """Subjects with time >= t."""
        position = int(np.searchsorted(self.times, t, side="left"))
        return int(self.at_risk[position]) if position < self.times.size else 0

    def at(self, t: float) -> Estimate:
        """The incidence by `t`, its limits and the number at risk.

        After the last observed time nothing is known unless no subject was left: the estimate is then None (R's
        `timepoints` gives NA).
        """
        if not t >= 0:
            raise UnusableData(f"A curve is read at a time of 0 or later, not at {t:g}.")
        position = int(np.searchsorted(self.times, t, side="right")) - 1
        if self.times.size == 0 or (t > self.times[-1] and not self.ends_without_survivor):
            return Estimate(None, None, None, None, 0)
        if position < 0:
            return Estimate(0.0, 0.0, 0.0, 0.0, self.n_risk(t))
        steps = (self.incidence, self.lower, self.upper, self.std_error)
        estimate, lower, upper, std_error = (float(step[position]) for step in steps)
        return Estimate(estimate, lower, upper, std_error, self.n_risk(t))


def cumulative_incidence(
    time: npt.ArrayLike, cause: npt.ArrayLike, *, level: float = 0.95, number_of_causes: int | None = None
) -> dict[int, IncidenceCurve]:
    """The cumulative incidence curve of each cause, by its code.

    time: observed times, >= 0. cause: 0 = censored, 1, 2, ... = causes.
    number_of_causes: asks for curves of the causes 1 to that number, also of those that never came; by default there
        are as many as the largest code. The curves and the Kaplan-Meier curve of any event add up to 1.
    Raises UnusableData for impossible input.
    """
    observed = observations.times(time)
    codes = observations.causes(cause, like=observed)
    z = observations.normal_quantile(level)
    asked = int(codes.max(initial=0)) if number_of_causes is None else number_of_causes
    if codes.max(initial=0) > asked:
        raise UnusableData(f"There is an event of cause {codes.max()}, but only {asked} causes were asked for.")
    table = _EventTable.of(observed, codes, asked)
    return {code: _curve(table, code, z=z, level=level) for code in range(1, asked + 1)}


@dataclass(frozen=True, eq=False)
class _EventTable:
    """Numbers at each distinct observed time; `before` and `after` are the survival from any event around it."""

    times: Floats
    at_risk: Integers
    events: Integers  # a row for each time, a column for each cause
    before: Floats
    after: Floats

    @staticmethod
    def of(time: Floats, cause: Integers, number_of_causes: int) -> _EventTable:
        order = np.argsort(time)
        ordered = time[order]
        is_first = np.diff(ordered, prepend=-1.0) > 0
        first = np.flatnonzero(is_first)
        row = np.cumsum(is_first) - 1
        columns = number_of_causes + 1
        counts = np.bincount(row * columns + cause[order], minlength=first.size * columns)
        events = counts.reshape(first.size, columns)[:, 1:]
        at_risk = time.size - first
        after = np.cumprod((at_risk - events.sum(axis=1)) / at_risk)
        before = np.concatenate([[1.0], after[:-1]]) if after.size else after
        return _EventTable(ordered[first], at_risk, events, before, after)


def _curve(table: _EventTable, cause: int, *, z: float, level: float) -> IncidenceCurve:
    own = table.events[:, cause - 1]
    incidence = np.cumsum(table.before * own / table.at_risk)
    std_error = np.sqrt(_aalen_variance(table, own, incidence))
    lower, upper = _log_log_limits(incidence, std_error, z=z)
    return IncidenceCurve(
        cause=cause,
        times=observations.frozen(table.times),
        incidence=observations.frozen(incidence),
        std_error=observations.frozen(std_error),
        lower=observations.frozen(lower),
        upper=observations.frozen(upper),
        at_risk=observations.frozen(table.at_risk),
        events=observations.frozen(own),
        ends_without_survivor=bool(table.after.size) and table.after[-1] == 0,
        level=level,
    )


def _aalen_variance(table: _EventTable, own: Integers, incidence: Floats) -> Floats:
    """Aalen's variance of the incidence at each time, in the sums of R's cmprsk.

    With S the survival after an event time and F the incidence there, the variance at t is the sum of
    (1 - (F(t) - F) / S)^2 over own events and of ((F(t) - F) / S)^2 over competing ones, each weighed by the variance
    of its jump. Writing out the squares leaves three running sums. Tied events of one cause are drawn without
    replacement from the risk set; once nobody survives, 1 / S counts as 0.
    """
    competing = table.events.sum(axis=1) - own
    with np.errstate(divide="ignore"):
        per_survivor = np.where(table.after > 0, 1 / table.after, 0.0)
    own_jump, competing_jump = (_jump_variance(table, deaths) for deaths in (own, competing))
    competing_jump = np.where(table.after > 0, competing_jump, 0.0)
    passed = incidence * per_survivor
    squares = np.cumsum((1 + passed) ** 2 * own_jump + passed**2 * competing_jump)
    products = np.cumsum(per_survivor * ((1 + passed) * own_jump + passed * competing_jump))
    survivors = np.cumsum(per_survivor**2 * (own_jump + competing_jump))
    variance = squares + incidence**2 * survivors - 2 * incidence * products
    # Between own events the variance stands still; the running sums would only add rounding.
    return np.clip(_held_since(own > 0, variance), 0.0, None)


def _jump_variance(table: _EventTable, deaths: Integers) -> Floats:
    without_replacement = 1 - (deaths - 1) / np.maximum(table.at_risk - 1, 1)
    return np.where(deaths > 0, table.before**2 * without_replacement * deaths / table.at_risk.astype(float) ** 2, 0.0)


def _held_since(marked: npt.NDArray[np.bool_], values: Floats) -> Floats:
    """Each entry is the value at the latest marked position, 0 before the first."""
    latest = np.maximum.accumulate(np.where(marked, np.arange(values.size), -1))
    return np.where(latest >= 0, values[latest], 0.0)


def _log_log_limits(incidence: Floats, std_error: Floats, *, z: float) -> tuple[Floats, Floats]:
    """Limits on the scale of log(-log(incidence)), as SAS LIFETEST; equal to it where the incidence is 0 or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp(z * std_error / np.abs(incidence * np.log(incidence)))
        lower, upper = incidence**factor, incidence ** (1 / factor)
    inside = (incidence > 0) & (incidence < 1)
    return np.where(inside, lower, incidence), np.where(inside, upper, incidence)
