"""What the files of a part are, and the order in which a reader takes them up. Pure."""

from __future__ import annotations

import re

PDF = "report.pdf"
# A name, or the beginning of the path of many, with what it holds: in the order of reading
_ORDER: tuple[tuple[str, str], ...] = (
    (PDF, "The report to read and print: synopsis, tables, figures, definitions"),
    ("tables.xlsx", "Every table of this part, a sheet each"),
    ("results.json", "The main figures: as printed, and the unrounded numbers"),
    ("manifest.json", "What the report was computed from, and the SHA-256 of every file"),
    ("tables/", "Table {code} as comma-separated text"),
    ("figures/", "Figure {code} as drawing"),
    ("datasets/", "Analysis dataset {upper}, the rows behind the report"),
    ("document.json", "What PDF and preview are set from"),
)
_DESCRIBED = {"datasets/snapshot.json": "Variables, types and hashes of the datasets"}


def is_unmarked(name: str) -> bool:
    """Whether who downloads it gets another file than the hash is of: a PDF, on which their name is set."""
    return name.endswith(".pdf")


def description(name: str) -> str:
    """What a file holds, in a few words; "" for one that is not known."""
    place = _place(name)
    code = name.rpartition("/")[2].partition(".")[0]
    return _DESCRIBED.get(name) or (
        _ORDER[place][1].format(code=code, upper=code.upper()) if place < len(_ORDER) else ""
    )


def reading_order(name: str) -> tuple[int, list[str]]:
    """What to sort files by: what is read first, and table 4 before table 10."""
    return _place(name), [part.zfill(4) for part in re.split(r"(\d+)", name)]


def _place(name: str) -> int:
    for place, (beginning, _) in enumerate(_ORDER):
        if name == beginning or (beginning.endswith("/") and name.startswith(beginning)):
            return place
    return len(_ORDER)
