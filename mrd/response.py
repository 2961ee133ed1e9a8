"""MRD class of a PCR target and of a sample.

A result is NEG, POS_NQ (positive, below the quantitative range) or POS with its value, the fraction of cells.
A value of 0 is never a positive result: negative is an answer of its own.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

HIGH_FROM = Decimal("5e-4")

NEG, POS_NQ, POS = "NEG", "POS_NQ", "POS"
MrdClass = Literal["NEG", "LOW", "HIGH"]
Result = tuple[str | None, Decimal | None]


def target_class(result: str | None, value: Decimal | None = None) -> MrdClass | None:
    """NEG; LOW below 5e-4 or not quantifiable; HIGH from 5e-4 on.

    None when the result, or the value of a quantified one, is missing. Raises ValueError for an unknown result,
    a value that is not above 0 and at most 1, or a value beside a result that has none.
    """
    if result not in (None, NEG, POS_NQ, POS):
        raise ValueError(f"An MRD result is NEG, POS_NQ or POS, and {result!r} was given.")
    if value is not None and result != POS:
        raise ValueError(f"Only a quantified positive result has a value, and {result} came with {value}.")
    if value is not None and not 0 < value <= 1:
        raise ValueError(f"An MRD value is a fraction above 0 and at most 1, and {value} was given.")
    if result is None or (result == POS and value is None):
        return None
    if result == NEG:
        return "NEG"
    return "HIGH" if value is not None and value >= HIGH_FROM else "LOW"


def sample_class(results: Iterable[Result]) -> MrdClass | None:
    """The worst class of the sample's targets; None without results, or when an unknown one could be worse.

    results: (result, value) of each target.
    """
    classes = {target_class(result, value) for result, value in results}
    if "HIGH" in classes:
        return "HIGH"
    if None in classes or not classes:
        return None
    return "LOW" if "LOW" in classes else "NEG"


def highest_value(results: Iterable[Result]) -> Decimal | None:
    """Highest quantified fraction of the sample's targets, 0 when none was quantifiable.

    None without results, or when one is not known. For rules that compare with a threshold.
    """
    known = list(results)
    if not known or any(target_class(result, value) is None for result, value in known):
        return None
    return max(value or Decimal(0) for _, value in known)


def discordant(results: Iterable[Result]) -> bool:
    """Whether two targets of one sample fall into different classes; unknown results do not count."""
    return len({target_class(result, value) for result, value in results} - {None}) > 1
