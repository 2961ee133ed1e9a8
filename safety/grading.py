"""CTCAE v4.03 grades that a laboratory value proposes, from the numeric bands of `data/lab_bands_v4_03.csv`.

A proposal only: the investigator confirms it, and a clinical criterion of the term can raise it. Bands are read
as printed: `<A - B` is below A and not below B, `>A - B` is above A and not above B. They are compared in Decimal
with bound x limit, never with a rounded ratio. Grades that a number alone cannot give (symptoms, a duration)
are not proposed; weight and febrile neutropenia, which need more than one value, are left out of the file.

As printed, a value may lie above LLN and yet in the band of grade 2 (an infant's neutrophils of 1.2 with an LLN of
1.0): it is graded.
"""

import csv
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

FILE = Path(__file__).parent / "data" / "lab_bands_v4_03.csv"

Direction = Literal["L", "H"]

# Conditions that no value can show: the same numbers give a lower grade without them.
NOT_PROPOSED = frozenset({"CLINICAL", "ANTICOAGULATED"})

UNIT_SPELLINGS: Mapping[str, str] = {
    "10*9/L": "10^9/L",
    "x10^9/L": "10^9/L",
    "10e9/L": "10^9/L",
    "/uL": "/mm3",
    "/µL": "/mm3",
    "C": "°C",
    "umol/l": "umol/L",
    "mmol/l": "mmol/L",
    "g/l": "g/L",
    "g/dl": "g/dL",
    "mg/dl": "mg/dL",
}

OPERATORS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Proposal:
    """A proposed grade. direction: L the value is too low, H too high.

    condition: "" or what the investigator has to know beside the value: FASTING, TWO_ECGS.
    """

    term: str
    grade: int
    direction: Direction
    condition: str = ""


@dataclass(frozen=True)
class Measured:
    """A value with all that a band may compare it with; None is not known. All in one unit."""

    value: Decimal
    lln: Decimal | None
    uln: Decimal | None
    baseline: Decimal | None


@dataclass(frozen=True)
class Band:
    """One grade's band. unit "": any, because the limits carry the same one. limits: (operator, bound)."""

    term: str
    testcd: str
    direction: Direction
    basis: str
    unit: str
    grade: int
    limits: tuple[tuple[str, str], ...]
    condition: str


def grades(
    testcd: str,
    value: Decimal,
    unit: str | None,
    lln: Decimal | None = None,
    uln: Decimal | None = None,
    baseline: Decimal | None = None,
) -> list[Proposal]:
    """At most one proposal, the highest, for each term and direction; none means within all bands or not gradable.

    testcd: CDISC code (HGB, NEUT, ALT...). lln, uln: limits of the laboratory's reference range; baseline: the
    subject's own value before treatment; all in the unit of the value. Where the unit is missing or not of the
    bands, or a limit that a band needs is missing, that band gives no grade, never grade 0.
    Raises TypeError for a float, ValueError for a negative or infinite number and for lln above uln.
    """
    _check_numbers(value=value, lln=lln, uln=uln, baseline=baseline)
    written = (unit or "").strip()
    if not written:
        return []
    spelled = UNIT_SPELLINGS.get(written, written)
    measured = Measured(value, lln, uln, baseline)
    fitting = [band for band in _bands().get(testcd, ()) if band.unit in ("", spelled) and _within(band, measured)]
    return _highest(Proposal(band.term, band.grade, band.direction, band.condition) for band in fitting)


def gradable_tests() -> tuple[str, ...]:
    """The codes of the tests that have bands."""
    return tuple(_bands())


def _highest(proposals: Iterable[Proposal]) -> list[Proposal]:
    best: dict[tuple[str, str], Proposal] = {}
    for proposal in proposals:
        key = (proposal.term, proposal.direction)
        if key not in best or _rank(proposal) > _rank(best[key]):
            best[key] = proposal
    return list(best.values())


def _rank(proposal: Proposal) -> tuple[int, bool]:
    return proposal.grade, not proposal.condition


def _within(band: Band, measured: Measured) -> bool:
    """Whether the value lies in the band; False where what the band needs is not known."""
    compared = COMPARED[band.basis](measured)
    if compared is None:
        return False
    amount, per = compared
    bounds = [(limit, _bound(bound, measured)) for limit, bound in band.limits]
    return all(bound is not None and OPERATORS[limit](amount, bound * per) for limit, bound in bounds)


def _bound(bound: str, measured: Measured) -> Decimal | None:
    if bound == "LLN":
        return measured.lln
    return measured.uln if bound == "ULN" else Decimal(bound)


# What a band compares, as (amount, what its bounds are multiplied with); None where it cannot be compared.
# A limit of 0 is no measure of anything, so nothing is a multiple of it.
Compared = tuple[Decimal, Decimal] | None


def _times(value: Decimal, limit: Decimal | None) -> Compared:
    return (value, limit) if limit is not None and limit > 0 else None


def _above_uln(measured: Measured) -> Compared:
    if measured.uln is None:
        return None
    highest = measured.uln if measured.baseline is None else max(measured.uln, measured.baseline)
    return measured.value - highest, Decimal(1)


def _above_baseline(measured: Measured) -> Compared:
    return None if measured.baseline is None else (measured.value - measured.baseline, Decimal(1))


def _percent_below_baseline(measured: Measured) -> Compared:
    if measured.baseline is None or measured.baseline <= 0:
        return None
    return (measured.baseline - measured.value) * 100, measured.baseline


COMPARED: Mapping[str, Callable[[Measured], Compared]] = {
    "ABSOLUTE": lambda measured: (measured.value, Decimal(1)),
    "X_ULN": lambda measured: _times(measured.value, measured.uln),
    "X_LLN": lambda measured: _times(measured.value, measured.lln),
    "X_BASE": lambda measured: _times(measured.value, measured.baseline),
    "ABOVE_ULN": _above_uln,
    "ABOVE_BASE": _above_baseline,
    "PERCENT_BELOW_BASE": _percent_below_baseline,
}


@lru_cache(maxsize=1)
def _bands() -> Mapping[str, tuple[Band, ...]]:
    found: dict[str, tuple[Band, ...]] = {}
    with FILE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["condition"] not in NOT_PROPOSED:
                found[row["testcd"]] = (*found.get(row["testcd"], ()), _band(row))
    return found


def _band(row: Mapping[str, str]) -> Band:
    limits = ((row["lower_op"], row["lower"]), (row["upper_op"], row["upper"]))
    return Band(
        term=row["term"],
        testcd=row["testcd"],
        direction="L" if row["direction"] == "L" else "H",
        basis=row["basis"],
        unit=row["unit"],
        grade=int(row["grade"]),
        limits=tuple((limit, bound) for limit, bound in limits if limit),
        condition=row["condition"],
    )


def _check_numbers(**numbers: Decimal | None) -> None:
    for name, number in numbers.items():
        if number is not None and not isinstance(number, Decimal):
            raise TypeError(f"A laboratory {name} is graded as Decimal, and {number!r} was given.")
        if number is not None and not (number.is_finite() and number >= 0):
            raise ValueError(f"A laboratory {name} cannot be {number}: it is a number of 0 or more.")
    lln, uln = numbers["lln"], numbers["uln"]
    if lln is not None and uln is not None and lln > uln:
        raise ValueError(f"The reference range from {lln} to {uln} runs backwards.")
