"""What every statistic asks of its input, said once: lengths, codes, and times that can be times."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.int64]


class UnusableData(ValueError):
    """The input cannot be analysed. The message is a sentence that names what is wrong."""


def times(values: npt.ArrayLike, *, name: str = "time") -> Floats:
    """Follow-up times as floats; refuses missing, infinite and negative ones. 0 is a time."""
    checked = _numbers(values, name=name)
    if (checked < 0).any():
        raise UnusableData(f"The values of {name} must not be negative; the smallest is {checked.min():g}.")
    return checked


def events(values: npt.ArrayLike, *, like: Floats, name: str = "event") -> npt.NDArray[np.bool_]:
    """Event indicators: 1 = event, 0 = censored, nothing else; as many as `like`."""
    checked = _numbers(values, name=name)
    _check_length(checked, like=like, name=name)
    if not np.isin(checked, (0, 1)).all():
        raise UnusableData(f"The values of {name} must be 1 (event) or 0 (censored).")
    return np.equal(checked, 1)


def causes(values: npt.ArrayLike, *, like: Floats, name: str = "cause") -> Integers:
    """Causes of an event: 0 = censored, 1, 2, ... = causes; as many as `like`."""
    checked = _numbers(values, name=name)
    _check_length(checked, like=like, name=name)
    if (checked < 0).any() or (checked != np.floor(checked)).any():
        raise UnusableData(f"The values of {name} must be whole numbers: 0 (censored), 1, 2, ...")
    return checked.astype(np.int64)


def covariate(values: npt.ArrayLike, *, like: Floats, name: str) -> Floats:
    """One number for each subject of `like`; none may be missing."""
    checked = _numbers(values, name=name)
    _check_length(checked, like=like, name=name)
    return checked


def labels(values: Any, *, like: Floats, name: str) -> npt.NDArray[Any]:
    """One group or set label for each subject of `like`; none may be missing."""
    checked = np.asarray(values)
    _check_length(checked, like=like, name=name)
    if any(value is None or value != value for value in set(checked.tolist())):
        raise UnusableData(f"The values of {name} contain a missing one.")
    return checked


def normal_quantile(level: float) -> float:
    """The z of a two-sided interval, 1.96 for a level of 0.95. The level lies strictly between 0 and 1."""
    if not 0 < level < 1:
        raise UnusableData(f"The level of an interval lies between 0 and 1, not at {level:g}.")
    return NormalDist().inv_cdf((1 + level) / 2)


def frozen(values: npt.ArrayLike) -> npt.NDArray[Any]:
    """The values as an array that refuses to be written, fit for a frozen dataclass."""
    array = np.array(values)
    array.setflags(write=False)
    return array


def _numbers(values: npt.ArrayLike, *, name: str) -> Floats:
    try:
        checked = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise UnusableData(f"The values of {name} must be numbers.") from None
    if checked.ndim != 1:
        raise UnusableData(f"The values of {name} must form one plain list.")
    if not np.isfinite(checked).all():
        raise UnusableData(f"The values of {name} contain a missing or infinite one.")
    return checked


def _check_length(values: npt.NDArray[Any], *, like: Floats, name: str) -> None:
    if values.shape != like.shape:
        raise UnusableData(f"There are {len(like)} times, but {name} has {values.size} values.")
