"""Cox's proportional hazards regression by Newton steps over cumulative sums of the risk sets.

Times are in one unit, events are coded 1 = event, 0 = censored, covariates are numbers (code a class with k levels as
k - 1 columns of 0 and 1). Agrees with R's `coxph` and SAS PHREG. Not handled: strata, left truncation, weights,
covariates that change with time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from reports.stats import observations
from reports.stats.observations import Floats, Integers, UnusableData

Ties = Literal["breslow", "efron"]

_MOST_STEPS = 100
_MOST_HALVINGS = 30
_SETTLED = 1e-12  # relative change of the log likelihood
_FLAT = 1e-9  # information of one event about a standardised covariate; 1 is usual, and rounding leaves about 1e-15
_PART_IN_AXIS = 1e-3  # an uninvolved covariate has a part of at most the square root of _FLAT


class CoxDidNotConverge(ArithmeticError):
    """The Newton steps did not settle. The message is a sentence for the statistician."""


@dataclass(frozen=True)
class Coefficient:
    """The effect of one unit of a covariate; every number is None where `reason` says why it is not estimable.

    lower and upper are Wald limits of the hazard ratio, p is Wald's.
    """

    name: str
    coefficient: float | None
    std_error: float | None
    hazard_ratio: float | None
    lower: float | None
    upper: float | None
    p: float | None
    reason: str = ""

    @property
    def is_estimable(self) -> bool:
        return self.coefficient is not None


@dataclass(frozen=True)
class CoxFit:
    """A fitted model. log_likelihood is None where no covariate was estimable."""

    coefficients: tuple[Coefficient, ...]
    log_likelihood: float | None
    subjects: int
    events: int
    ties: Ties
    level: float

    def __getitem__(self, name: str) -> Coefficient:
        return {coefficient.name: coefficient for coefficient in self.coefficients}[name]


def cox(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    covariates: Mapping[str, npt.ArrayLike],
    *,
    ties: Ties = "breslow",
    level: float = 0.95,
) -> CoxFit:
    """Hazard ratios of the covariates, each adjusted for the others.

    ties: "breslow" (SAS's default) or "efron" (R's).
    A covariate is "not estimable", never a number, where it is the same for all subjects, where one of its two levels
    has no event, where its estimate runs to infinity in another way, or where no event tells its effect from that of
    others. The other covariates then have the estimates that they take in that limit: subjects of a level without an
    event no longer count in any risk set.
    Raises UnusableData for impossible input, and CoxDidNotConverge.
    """
    observed = observations.times(time)
    happened = observations.events(event, like=observed)
    columns = {name: observations.covariate(values, like=observed, name=name) for name, values in covariates.items()}
    z = observations.normal_quantile(level)
    if ties not in get_args(Ties):
        raise UnusableData(f"Ties are handled by breslow or efron, not by {ties}.")
    kept, reasons = _comparable(columns, happened)
    names = [name for name in columns if name not in reasons]
    fitted: dict[str, Coefficient] = {}
    log_likelihood = None
    if names:
        matrix = np.column_stack([columns[name][kept] for name in names])
        solution = _newton(_standardise(matrix), _RiskSets.of(observed[kept], happened[kept], ties=ties))
        log_likelihood = solution.log_likelihood
        fitted = _coefficients(names, solution, scale=matrix.std(axis=0), z=z)
    return CoxFit(
        coefficients=tuple(fitted.get(name) or _not_estimable(name, reasons[name]) for name in columns),
        log_likelihood=log_likelihood,
        subjects=observed.size,
        events=int(happened.sum()),
        ties=ties,
        level=level,
    )


def _comparable(
    columns: dict[str, Floats], event: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], dict[str, str]]:
    """Which subjects inform the fit, and why some covariates have no estimate.

    Where one of two levels has no event its effect is infinite, and the subjects of that level weigh nothing beside
    the others in every risk set: leaving them out is the limit of the likelihood, not an approximation.
    """
    kept = np.ones(event.size, dtype=bool)
    if not event.any():
        return kept, dict.fromkeys(columns, "no event")
    reasons: dict[str, str] = {}
    while newly := _first_not_comparable(columns, event, kept, reasons):
        name, reason, level_without_event = newly
        reasons[name] = reason
        if level_without_event is not None:
            kept &= columns[name] != level_without_event
    return kept, reasons


def _first_not_comparable(
    columns: dict[str, Floats], event: npt.NDArray[np.bool_], kept: npt.NDArray[np.bool_], reasons: dict[str, str]
) -> tuple[str, str, float | None] | None:
    for name, values in columns.items():
        if name in reasons:
            continue
        levels = np.unique(values[kept])
        if levels.size == 1:
            return name, "the same for all subjects compared", None
        if levels.size == 2:
            with_event = np.unique(values[kept & event])
            if with_event.size == 1:
                return name, "a level without an event", float(levels[levels != with_event[0]][0])
    return None


@dataclass(frozen=True, eq=False)
class _RiskSets:
    """Subjects sorted by time and, for each event, which of them were at risk.

    Rows are subjects observed up to the first event time or later (the others are in no risk set).
    first: row at which each distinct event time's block starts; the risk set is that row and all later ones.
    time_of_event: for each event the index of its event time. time_of_row: the same for each row.
    removed: for each event the share of its tied events that Efron takes out of the risk set; 0 for Breslow.
    """

    order: Integers
    event: npt.NDArray[np.bool_]
    first: Integers
    time_of_row: Integers
    time_of_event: Integers
    removed: Floats

    @staticmethod
    def of(time: Floats, event: npt.NDArray[np.bool_], *, ties: Ties) -> _RiskSets:
        event_times, deaths = np.unique(time[event], return_counts=True)
        order = np.argsort(time, kind="stable")
        order = order[time[order] >= event_times[0]]
        first = np.searchsorted(time[order], event_times, side="left")
        time_of_event = np.repeat(np.arange(event_times.size), deaths)
        rank_in_tie = np.arange(time_of_event.size) - np.repeat(np.cumsum(deaths) - deaths, deaths)
        return _RiskSets(
            order=order,
            event=event[order],
            first=first,
            time_of_row=np.repeat(np.arange(event_times.size), np.diff(first, append=order.size)),
            time_of_event=time_of_event,
            removed=rank_in_tie / deaths[time_of_event] if ties == "efron" else np.zeros(time_of_event.size),
        )

    def at_risk(self, values: Floats) -> Floats:
        """Sum of `values` over the risk set of each event time."""
        blocks: Floats = np.add.reduceat(values, self.first, axis=0)
        return blocks[::-1].cumsum(axis=0)[::-1]

    def tied(self, values: Floats) -> Floats:
        """Sum of `values`, one for each event in the rows' order, over the events of each event time."""
        starts = np.flatnonzero(np.diff(self.time_of_event, prepend=-1))
        sums: Floats = np.add.reduceat(values, starts, axis=0)
        return sums

    def for_events(self, values: Floats) -> Floats:
        """Each event's own sum of `values`: over its risk set, less the share of its tied events that is taken out."""
        at_risk = self.at_risk(values)[self.time_of_event]
        if not self.removed.any():
            return at_risk
        removed = self.removed if values.ndim == 1 else self.removed[:, None]
        return at_risk - removed * self.tied(values[self.event])[self.time_of_event]


@dataclass(frozen=True, eq=False)
class _Solution:
    """reasons: for each covariate why it has no finite estimate, or an empty text."""

    beta: Floats
    covariance: Floats
    log_likelihood: float
    reasons: list[str]


@dataclass(frozen=True, eq=False)
class _Information:
    """The information matrix along its own axes, without those about which the events say nothing.

    Along such a flat axis the likelihood is level: from the start where covariates cannot be told apart, in the end
    where an estimate runs to infinity. Steps leave it out, so the other estimates settle.
    """

    values: Floats
    axes: Floats
    flat: npt.NDArray[np.bool_]

    @staticmethod
    def of(matrix: Floats, *, events: int) -> _Information:
        values, axes = np.linalg.eigh(matrix)
        return _Information(values, axes, values < _FLAT * events)

    def inverse(self) -> Floats:
        axes = self.axes[:, ~self.flat]
        inverse: Floats = (axes / self.values[~self.flat]) @ axes.T
        return inverse

    def undetermined(self) -> npt.NDArray[np.bool_]:
        """The covariates that have a part in a flat axis."""
        part: Floats = np.abs(self.axes[:, self.flat]).max(axis=1, initial=0)
        undetermined: npt.NDArray[np.bool_] = part > _PART_IN_AXIS
        return undetermined


def _standardise(matrix: Floats) -> Floats:
    """Mean 0 and variance 1: the same model, in which exponents stay small and axes have one scale."""
    scaled: Floats = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    return scaled


def _newton(matrix: Floats, risk_sets: _RiskSets) -> _Solution:
    """Newton-Raphson from 0, each step halved until the likelihood does not fall."""
    rows = np.ascontiguousarray(matrix[risk_sets.order])
    events = risk_sets.time_of_event.size
    beta = np.zeros(rows.shape[1])
    log_likelihood, score, moments = _likelihood(rows, risk_sets, beta)
    information = _Information.of(moments, events=events)
    indistinct = information.undetermined()
    for _ in range(_MOST_STEPS):
        before = log_likelihood
        step = information.inverse() @ score
        for _ in range(_MOST_HALVINGS):
            log_likelihood, score, moments = _likelihood(rows, risk_sets, beta + step)
            if log_likelihood >= before - _SETTLED * (abs(before) + 1):
                break
            step = step / 2
        else:
            raise CoxDidNotConverge("The Cox model did not converge: no step improves its likelihood.")
        beta = beta + step
        information = _Information.of(moments, events=events)
        if abs(log_likelihood - before) <= _SETTLED * (abs(before) + 1):
            reasons = _reasons(indistinct, information.undetermined())
            return _Solution(beta, information.inverse(), log_likelihood, reasons)
    raise CoxDidNotConverge(f"The Cox model did not converge within {_MOST_STEPS} steps.")


def _reasons(indistinct: npt.NDArray[np.bool_], undetermined: npt.NDArray[np.bool_]) -> list[str]:
    infinite = np.where(undetermined, "the estimate runs to infinity", "")
    return list(np.where(indistinct, "cannot be told apart in these data", infinite))


def _likelihood(rows: Floats, risk_sets: _RiskSets, beta: Floats) -> tuple[float, Floats, Floats]:
    """Log partial likelihood, its gradient and the information matrix at `beta`.

    The second moments need no sums over risk sets: each row's product enters with the cumulative hazard up to its
    time, so they are one weighted cross product of the rows.
    """
    eta = rows @ beta
    largest = eta.max()
    risk = np.exp(eta - largest)
    weighted = rows * risk[:, None]
    died = risk_sets.event
    total = risk_sets.for_events(risk)
    means = risk_sets.for_events(weighted) / total[:, None]
    hazard = _hazard_of_rows(risk_sets, total)
    log_likelihood = float(eta[died].sum() - np.log(total).sum() - largest * total.size)
    score = died.astype(np.float64) @ rows - np.ones(total.size) @ means  # faster than sums over an axis
    information = (weighted * hazard[:, None]).T @ rows - means.T @ means
    return log_likelihood, score, information


def _hazard_of_rows(risk_sets: _RiskSets, total: Floats) -> Floats:
    """The baseline hazard that each row has lived through; a tied event lives through part of its own time's."""
    jumps = risk_sets.tied(1 / total)
    hazard: Floats = np.cumsum(jumps)[risk_sets.time_of_row]
    if risk_sets.removed.any():
        hazard = hazard - np.where(risk_sets.event, risk_sets.tied(risk_sets.removed / total)[risk_sets.time_of_row], 0)
    return hazard


def _coefficients(names: list[str], solution: _Solution, *, scale: Floats, z: float) -> dict[str, Coefficient]:
    std_errors = np.sqrt(np.diag(solution.covariance))
    fitted = {}
    for position, name in enumerate(names):
        reason = solution.reasons[position]
        beta, std_error = (float(of[position] / scale[position]) for of in (solution.beta, std_errors))
        fitted[name] = _not_estimable(name, reason) if reason else _coefficient(name, beta, std_error, z=z)
    return fitted


def _coefficient(name: str, beta: float, std_error: float, *, z: float) -> Coefficient:
    return Coefficient(
        name=name,
        coefficient=beta,
        std_error=std_error,
        hazard_ratio=math.exp(beta),
        lower=math.exp(beta - z * std_error),
        upper=math.exp(beta + z * std_error),
        p=math.erfc(abs(beta / std_error) / math.sqrt(2)),
    )


def _not_estimable(name: str, reason: str) -> Coefficient:
    return Coefficient(name, None, None, None, None, None, None, reason=reason)
