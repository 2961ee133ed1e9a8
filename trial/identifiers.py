"""Words in free text that could tell who a subject is: names, initials, hospital numbers, addresses, dates of birth.

The trial knows its subjects by number alone; the list of names stays at the site (ICH E6(R3) 3.16.1(s), GDPR 4(5)).
Patterns find what people usually type, not everything that could identify, so a finding asks and a person decides.
Amounts, dates, laboratory values, abbreviations and registry numbers (2016-004674-17, NCT01471782) are no finding.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

NAME, INITIALS, NUMBER, LONG_NUMBER = "a name", "initials", "a hospital number", "a long number"
E_MAIL, TELEPHONE, BIRTH = "an e-mail address", "a telephone number", "a date of birth"


@dataclass(frozen=True)
class Identifier:
    """kind: what it seems to be, as the end of a sentence; text: as it was typed."""

    kind: str
    text: str


# Written with points as initials are, and no one's.
_ABBREVIATIONS = {"BID", "CNS", "CSF", "DIC", "DOB", "EU", "IM", "IV", "LP", "PO", "SC", "TID", "UK", "US", "USA"}
_DAY = r"\d{1,4}[-./ ](?:\d{1,2}|[A-Za-z]{3,9})[-./ ]\d{2,4}"

# The first kind that finds a piece of text keeps it.
_PATTERNS: tuple[tuple[str, str], ...] = (
    (E_MAIL, r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (BIRTH, r"(?i:\b(?:born|date of birth|birth ?date|birthday|d\.?o\.?b\b\.?))"
            rf"(?:\s*[:=]|\s+(?:on|is|was)\b)?\s*{_DAY}"),
    (NUMBER, r"(?i:\b(?:MRN|NHS|BSN|PESEL|UPN|(?:hospital|medical record|record|chart|file|patient|insurance) "
             r"(?:no\b\.?|nr\b\.?|number|id\b)))\W{0,3}(?:is\s+)?[A-Za-z]{0,3}[-/]?\d{3,}"),
    (NAME, r"(?i:\b(?:sur|first |last |full |family )?name|\b(?:naam|nome|nombre))\s*(?:[:=]|\bis\b)\s*[A-Z][\w'’-]+"),
    (NAME, r"\b(?:Mr|Mrs|Ms|Miss)\b\.?\s+[A-Z][\w'’-]+"),
    (INITIALS, r"(?i:\binitials?)\b\s*(?:[:=]|\bare\b)?\s*[A-Z]\.?\s?[A-Z]\b"),
    (INITIALS, r"(?<![\w.])[A-Z]\.(?:\s?[A-Z]\.)+(?!\w)"),
    (TELEPHONE, r"(?<![\w.])\+\d{1,3}[\s(/-]*\d(?:[\s()/.-]*\d){5,}"),
    (TELEPHONE, r"(?i:\b(?:tel|phone|telephone|mobile)\b)\W{0,3}(?:no\W{0,2}|is\s)?\d(?:[\s()/.-]*\d){4,}"),
    (TELEPHONE, rf"(?<![\w.,/-])(?!{_DAY})0\d{{1,4}}[ /-](?:\d[ -]?){{6,9}}\d(?![\d.,])"),
    (LONG_NUMBER, r"(?<![\w.,])\d{7,}(?![\w%]|[.,]\d)"),
)  # fmt: skip
_SCANS = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_LOT = re.compile(r"(?i)\b(?:lot|batch|charge)\b[\s:.#]*(?:no\.?|number)?[\s:]*$")


def found(text: str) -> tuple[Identifier, ...]:
    """What in the text could identify a person, in the order of the text."""
    taken: list[tuple[int, int, Identifier]] = []
    for kind, pattern in _SCANS:
        for match in pattern.finditer(text):
            free = all(match.end() <= start or end <= match.start() for start, end, _ in taken)
            if free and not _is_harmless(kind, match):
                taken.append((match.start(), match.end(), Identifier(kind, match[0].strip())))
    return tuple(identifier for _, _, identifier in sorted(taken, key=lambda one: one[0]))


def kinds(text: str) -> str:
    """What was found, for a sentence: `initials and a telephone number`; "" where nothing was."""
    different = list(_kinds(found(text)))
    return " and ".join(filter(None, (", ".join(different[:-1]), *different[-1:])))


def _kinds(identifiers: tuple[Identifier, ...]) -> Iterator[str]:
    return iter(dict.fromkeys(identifier.kind for identifier in identifiers))


def _is_harmless(kind: str, match: re.Match[str]) -> bool:
    if kind == INITIALS:
        return re.sub(r"[^A-Z]", "", match[0]) in _ABBREVIATIONS
    if kind == LONG_NUMBER:
        is_round = match[0].endswith("000")  # a count of cells, units of a drug
        return is_round or _is_day(match[0]) or bool(_LOT.search(match.string[: match.start()]))
    return False


def _is_day(digits: str) -> bool:
    """Whether eight digits are a day of our time, written without separators."""
    try:
        return len(digits) == 8 and 2000 <= date.fromisoformat(digits).year < 2100
    except ValueError:
        return False
