"""Exact statements about proportions: Clopper-Pearson, Fisher, and the difference of two proportions.

Counts are whole numbers, proportions and limits fractions of 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from reports.stats import observations
from reports.stats.observations import Floats, UnusableData

Ordering = Literal["score", "difference"]

# Tables whose statistics tie in exact arithmetic differ by rounding; both belong to the tail, or neither.
_TIE = 1e-9
_COARSE_NUISANCE = 101
_FINE_NUISANCE = 21
_SCAN_STEP = 0.0005
_HOPELESS = 0.1  # share of the tail probability under which no further saw tooth can reach it
_LIMIT_WIDTH = 1e-7


@dataclass(frozen=True)
class Proportion:
    """count of `of`; estimate and limits are None out of none."""

    count: int
    of: int
    estimate: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Difference:
    """First minus second proportion with exact limits; None where one of the groups is empty."""

    estimate: float | None
    lower: float | None
    upper: float | None


def clopper_pearson(count: int, of: int, *, level: float = 0.95) -> Proportion:
    """A proportion with its exact interval (Clopper and Pearson, Biometrika 1934;26:404): 0 of 30 has 0 to 11.6 %."""
    from scipy.special import betaincinv

    _check_count(count, of)
    tail = _tail(level)
    if of == 0:
        return Proportion(count, of, None, None, None)
    lower = float(betaincinv(count, of - count + 1, tail)) if count > 0 else 0.0
    upper = float(betaincinv(count + 1, of - count, 1 - tail)) if count < of else 1.0
    return Proportion(count, of, count / of, lower, upper)


def fisher_exact(count_1: int, of_1: int, count_2: int, of_2: int) -> float | None:
    """The two-sided P of Fisher's test: the sum over tables at most as probable as the observed one.

    None where one of the groups is empty, for there is then nothing to compare.
    """
    from scipy.stats import fisher_exact as fisher

    _check_count(count_1, of_1)
    _check_count(count_2, of_2)
    if of_1 == 0 or of_2 == 0:
        return None
    return float(fisher([[count_1, of_1 - count_1], [count_2, of_2 - count_2]]).pvalue)


def difference_of_proportions(
    count_1: int, of_1: int, count_2: int, of_2: int, *, level: float = 0.95, ordering: Ordering = "score"
) -> Difference:
    """First minus second proportion with exact unconditional limits, two one-sided tests inverted.

    ordering: "score" is Chan and Zhang (Biometrics 1999;55:1202; SAS EXACT RISKDIFF METHOD=SCORE), "difference" is
        Santner and Snell (JASA 1980;75:386; SAS's default there), which is wider.
    Each limit is the outermost one: no difference beyond it is compatible with the data, where the tail probability
    crosses its limit more than once. SAS 9.4 gives -0.0400 to 0.1793 and -0.0620 to 0.2159 for 36/154 against 12/77.
    Meant for groups of up to a few hundred: the limits take some seconds then.
    """
    _check_count(count_1, of_1)
    _check_count(count_2, of_2)
    tail = _tail(level)
    if ordering not in get_args(Ordering):
        raise UnusableData(f"Tables are ordered by {' or '.join(get_args(Ordering))}, not by {ordering}.")
    if of_1 == 0 or of_2 == 0:
        return Difference(None, None, None)
    lower = _lower_limit(_Tables(count_1, of_1, count_2, of_2, ordering), tail)
    upper = -_lower_limit(_Tables(count_2, of_2, count_1, of_1, ordering), tail)
    return Difference(count_1 / of_1 - count_2 / of_2, lower, upper)


@dataclass(frozen=True)
class _Tables:
    """The observed pair of counts among all that could have been."""

    count_1: int
    of_1: int
    count_2: int
    of_2: int
    ordering: Ordering

    def chance_of_tail(self, difference: float) -> float:
        """The largest chance, over the second proportion, of a first that is as much the larger as observed.

        The proportions differ by `difference`; the second ranges over what that leaves.
        """
        tail = self._tail(difference)
        lowest, highest = max(0.0, -difference), min(1.0, 1.0 - difference)
        grid = np.linspace(lowest, highest, _COARSE_NUISANCE)
        chances = self._chances(tail, grid, difference)
        best = int(chances.argmax())
        around = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
        fine = self._chances(tail, np.linspace(*around, _FINE_NUISANCE), difference)
        return float(max(chances[best], fine.max()))

    def _tail(self, difference: float) -> Floats:
        """1 for each table whose statistic is at least the observed one, else 0."""
        first, second = np.arange(self.of_1 + 1)[:, None], np.arange(self.of_2 + 1)[None, :]
        statistic: Floats = first / self.of_1 - second / self.of_2
        if self.ordering == "score":
            statistic = _score(first, self.of_1, second, self.of_2, difference)
        return np.where(statistic >= statistic[self.count_1, self.count_2] - _TIE, 1.0, 0.0)

    def _chances(self, tail: Floats, second: Floats, difference: float) -> Floats:
        first = np.clip(second + difference, 0.0, 1.0)
        chances: Floats = np.einsum(
            "gi,gi->g", _binomial(self.of_1, first) @ tail, _binomial(self.of_2, np.clip(second, 0.0, 1.0))
        )
        return chances


def _lower_limit(tables: _Tables, tail: float) -> float:
    """The smallest difference that the data do not refuse: below it the chance of the tail never exceeds `tail`.

    The chance rises with the difference, but not steadily: the order of the tables changes with it. Bisection finds one
    crossing, a scan outwards from there the outermost compatible step, and bisection again the crossing beyond it.
    """
    observed = tables.count_1 / tables.of_1 - tables.count_2 / tables.of_2
    if tables.chance_of_tail(-1.0) > tail:
        return -1.0
    _, crossing = _bisect(tables, tail, -1.0, observed, width=_SCAN_STEP)
    outermost = _outermost_compatible(tables, tail, crossing)
    return _bisect(tables, tail, max(-1.0, outermost - _SCAN_STEP), outermost, width=_LIMIT_WIDTH)[1]


def _outermost_compatible(tables: _Tables, tail: float, crossing: float) -> float:
    outermost = crossing
    for candidate in np.arange(crossing - _SCAN_STEP, -1.0, -_SCAN_STEP):
        chance = tables.chance_of_tail(float(candidate))
        if chance > tail:
            outermost = float(candidate)
        if chance < _HOPELESS * tail:
            break
    return outermost


def _bisect(tables: _Tables, tail: float, below: float, above: float, *, width: float) -> tuple[float, float]:
    """Narrows an interval that is refused at `below` and not at `above`."""
    while above - below > width:
        middle = (below + above) / 2
        below, above = (below, middle) if tables.chance_of_tail(middle) > tail else (middle, above)
    return below, above


def _score(
    first: npt.NDArray[np.int64], of_1: int, second: npt.NDArray[np.int64], of_2: int, difference: float
) -> Floats:
    """The score statistic of the hypothesis that the proportions differ by `difference`.

    Its variance takes the proportions that are most likely under the hypothesis: the root of a cubic in closed form
    (Farrington and Manning, Stat Med 1990;9:1447). Where that variance is 0 the observed difference is `difference`
    for sure, or is infinitely far from it.
    """
    observed = first / of_1 - second / of_2 - difference
    one, two = _restricted_estimates(first, of_1, second, of_2, difference)
    variance = one * (1 - one) / of_1 + two * (1 - two) / of_2
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(np.abs(observed) < _TIE, 0.0, np.sign(observed) * np.inf)
        return np.where(variance > 1e-15, observed / np.sqrt(variance), far)


def _restricted_estimates(
    first: npt.NDArray[np.int64], of_1: int, second: npt.NDArray[np.int64], of_2: int, difference: float
) -> tuple[Floats, Floats]:
    """Maximum likelihood of both proportions given that the first exceeds the second by `difference`."""
    ratio = of_2 / of_1
    p1, p2 = first / of_1, second / of_2
    a = 1 + ratio
    b = -(1 + ratio + p1 + ratio * p2 + difference * (ratio + 2))
    c = difference**2 + difference * (2 * p1 + ratio + 1) + p1 + ratio * p2
    d = -p1 * difference * (1 + difference)
    v = (b / (3 * a)) ** 3 - b * c / (6 * a**2) + d / (2 * a)
    u = np.where(v < 0, -1.0, 1.0) * np.sqrt(np.maximum((b / (3 * a)) ** 2 - c / (3 * a), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(u == 0, 0.0, v / u**3)
    angle = (np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3
    lowest, highest = max(0.0, difference), min(1.0, 1.0 + difference)
    one = np.clip(2 * u * np.cos(angle) - b / (3 * a), lowest, highest)
    return one, np.clip(one - difference, 0.0, 1.0)


def _binomial(n: int, p: Floats) -> Floats:
    """P(X = k) with a row for each p and a column for each k from 0 to n."""
    from scipy.special import gammaln, xlog1py, xlogy

    k = np.arange(n + 1)
    coefficient = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    mass: Floats = np.exp(coefficient + xlogy(k, p[:, None]) + xlog1py(n - k, -p[:, None]))
    return mass


def _tail(level: float) -> float:
    observations.normal_quantile(level)  # the same demand on a level
    return (1 - level) / 2


def _check_count(count: int, of: int) -> None:
    if not 0 <= count <= of:
        raise UnusableData(f"A count lies between 0 and its total, but {count} of {of} does not.")
