"""The printed forms of numbers: every figure of a report is rounded here, once, half up.

Half up is what a reader does by hand: 2.5 becomes 3 and -2.5 becomes -3. Python's `round` and `format` round half to
even and work on binary fractions, in which 0.8305 is a little more and 83.05 a little less than written. A count out of
a count is therefore rounded as an exact fraction. A float is first read at twelve significant digits, which undoes the
noise of a few operations (0.8304999999999999 is 0.8305), and then rounded once, in decimals.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from reports.stats.observations import UnusableData

NOT_ESTIMABLE = "not estimable"
NO_INTERVAL = "(no interval)"  # no longer than an interval, so that columns stay as they are
_SIGNIFICANT_DIGITS = 12


def number(value: float | Fraction | Decimal, *, decimals: int) -> str:
    """The number with that many decimals: `number(26.3162, decimals=1)` is "26.3". Zero has no minus sign."""
    rounded = _exact(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:f}"


def percent(count: int, of: int, *, decimals: int = 0) -> str:
    """The share as a percentage without its sign: `percent(5, 30)` is "17". "not estimable" out of none."""
    _check_count(count, of)
    return number(Fraction(100 * count, of), decimals=decimals) if of else NOT_ESTIMABLE


def count_percent(count: int, of: int) -> str:
    """`count_percent(16, 30)` is "16/30 (53%)"; "0/0" where there is nobody."""
    _check_count(count, of)
    return f"{count}/{of} ({percent(count, of)}%)" if of else "0/0"


def percent_count(count: int, of: int) -> str:
    """`percent_count(123, 148)` is "83% (123/148)"; "0/0" where there is nobody."""
    _check_count(count, of)
    return f"{percent(count, of)}% ({count}/{of})" if of else "0/0"


def count_with_percent(count: int, of: int) -> str:
    """The form of tables: `count_with_percent(5, 30)` is "5 (17)"; "0" where there is nobody."""
    _check_count(count, of)
    return f"{count} ({percent(count, of)})" if of else "0"


def estimate_with_interval(
    estimate: float | None, lower: float | None, upper: float | None, *, decimals: int = 1
) -> str:
    """A proportion with its limits in percent: `(0.816, 0.608, 0.920)` is "81.6 (60.8-92.0)".

    "not estimable" without an estimate; "100.0 (no interval)" where a limit is missing, or both are the estimate
    itself: then nobody had an event, or everybody, and the estimated variance of 0 says nothing of chance.
    """
    if estimate is not None and not has_interval(lower, upper):
        return f"{number(_exact(estimate) * 100, decimals=decimals)} {NO_INTERVAL}"
    return value_with_range(_hundredfold(estimate), _hundredfold(lower), _hundredfold(upper), decimals=decimals)


def has_interval(lower: float | None, upper: float | None) -> bool:
    """Whether the limits say anything: both are there, and they are not one and the same number."""
    return lower is not None and upper is not None and lower < upper


def hazard_ratio(estimate: float | None, lower: float | None, upper: float | None) -> str:
    """A hazard ratio with its limits: "0.22 (0.09-0.54)"; "not estimable" without an estimate."""
    return value_with_range(estimate, lower, upper, decimals=2)


def value_with_range(
    value: float | Decimal | None, lowest: float | Decimal | None, highest: float | Decimal | None, *, decimals: int = 1
) -> str:
    """A value with its range or limits in its own unit: "26.3 (3.9-48.2)"."""
    if value is None:
        return NOT_ESTIMABLE
    if lowest is None or highest is None:
        return number(value, decimals=decimals)
    first, low, high = (number(part, decimals=decimals) for part in (value, lowest, highest))
    return f"{first} ({low}-{high})"


def p_value(p: float | None) -> str:
    """Two decimals from 0.01 on, three below, "<0.001" and ">0.99" at the ends; "not estimable" without a test."""
    if p is None:
        return NOT_ESTIMABLE
    exact = _exact(p)
    if not 0 <= exact <= 1:
        raise UnusableData(f"A p-value lies between 0 and 1, not at {p:g}.")
    if exact < Decimal("0.001"):
        return "<0.001"
    if exact > Decimal("0.99"):
        return ">0.99"
    return number(exact, decimals=2 if exact >= Decimal("0.01") else 3)


def _exact(value: float | Fraction | Decimal) -> Decimal:
    """The decimal number that is meant. A fraction is cut at 28 digits, which moves no half."""
    if isinstance(value, Decimal):
        meant = value
    elif isinstance(value, Fraction):
        meant = Decimal(value.numerator) / Decimal(value.denominator)
    else:
        meant = Decimal(f"{value:.{_SIGNIFICANT_DIGITS}g}")
    if not meant.is_finite():
        raise UnusableData(f"Only a finite number can be printed, not {value}.")
    return meant


def _hundredfold(share: float | None) -> Decimal | None:
    return None if share is None else _exact(share) * 100


def _check_count(count: int, of: int) -> None:
    if not 0 <= count <= of:
        raise UnusableData(f"A count lies between 0 and its total, but {count} of {of} does not.")
