"""Text of cells: what stands left and right of the decimal point, and what can be set in print at all."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(r"([<>≤≥]?[-−+]?\d+)((?:\.\d+)?%?(?:/\d+)?(?: .*)?)", re.DOTALL)


def split_at_point(text: str) -> tuple[str, str] | None:
    """The text up to where its first number's decimal point is or would be, and the rest.

    "26.3 (3.9-48.2)" is ("26", ".3 (3.9-48.2)"), "16 (53)" is ("16", " (53)"). None for a text that does not begin
    with a number of its own: a word, a date, a range.
    """
    found = _NUMBER.fullmatch(text)
    return (found[1], found[2]) if found else None


def printable(text: str) -> str:
    """The text with each character that PDF/A forbids written as its code point: "[U+E000]".

    Those are control characters other than line breaks and tabs, the private area, surrogates and unassigned points.
    """
    return "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character in "\n\t":
        return character
    return f"[U+{ord(character):04X}]" if unicodedata.category(character) in ("Cc", "Co", "Cs", "Cn") else character


def letter(position: int) -> str:
    """Footnotes by letter: 0 is a, 25 is z, 26 is aa."""
    before, last = divmod(position, 26)
    return (letter(before - 1) if before else "") + chr(ord("a") + last)
