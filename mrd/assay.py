"""MRD values as laboratories write them, read into one unit: the fraction of cells."""

import re
from decimal import Decimal

# A laboratory writes 2.8e-4, 0.00028, 2,8x10^-4, 2.8 · 10⁻⁴, 10^-4 or 0.028 %.
_NUMBER = re.compile(
    r"""
    (?: (?P<mantissa> \d{1,12} (?:[.,]\d{1,12})? | [.,]\d{1,12} )
        (?: e (?P<e> [+-]?\d{1,2}) | x10 (?P<ten> \^?[+-]\d{1,2} | \^\d{1,2}) )?
      | 10 (?P<power> \^[+-]?\d{1,2}) )
    (?P<percent> %)?
    """,
    re.VERBOSE,
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_TIMES_AND_MINUS = str.maketrans({"×": "x", "·": "x", "*": "x", "−": "-", "–": "-"})


class UnreadableMrdValue(ValueError):
    """The text is no MRD value; the message says why, for the person who typed it."""


def parse_fraction(text: str) -> Decimal:
    """The fraction of cells that `text` says, as a fraction or with % as a percentage.

    Raises UnreadableMrdValue for what is no number, for 0 (negative is its own answer) and for more than 1.
    """
    match = _NUMBER.fullmatch(_plain(text))
    if match is None:
        raise UnreadableMrdValue(
            f"{text.strip()[:40]!r} is not an MRD value: write it like 2.8e-4, 2.8 x 10^-4 or 0.028 %."
        )
    fraction = _value(match)
    if fraction == 0:
        raise UnreadableMrdValue("0 is not a positive value: a sample without MRD has the result negative.")
    if fraction > 1:
        raise UnreadableMrdValue(
            f"{text.strip()} is more than all cells: an MRD value is at most 1, which is 100 %. Is the % sign missing?"
        )
    return fraction


def echo(fraction: Decimal) -> str:
    """The value in both forms, so that a slip of the unit shows: `2.8 x 10^-4 = 0.028 %`.

    Raises ValueError unless above 0 and at most 1.
    """
    if not 0 < fraction <= 1:
        raise ValueError(f"An MRD value is a fraction above 0 and at most 1, and {fraction} was given.")
    exponent = fraction.adjusted()
    return f"{_shown(fraction.scaleb(-exponent))} x 10^{exponent} = {_shown(fraction * 100)} %"


def _plain(text: str) -> str:
    raised = re.sub(r"(?<=10)(?=[⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹])", "^", text)
    return re.sub(r"\s", "", raised.translate(_SUPERSCRIPTS).translate(_TIMES_AND_MINUS)).lower()


def _value(match: re.Match[str]) -> Decimal:
    exponent = match["e"] or match["ten"] or match["power"] or "0"
    mantissa = Decimal((match["mantissa"] or "1").replace(",", "."))
    number = mantissa.scaleb(int(exponent.lstrip("^")))
    return number / 100 if match["percent"] else number


def _shown(number: Decimal) -> str:
    return format(number.normalize(), "f")
