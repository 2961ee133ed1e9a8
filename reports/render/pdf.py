"""A part of a report as PDF/A-2a and PDF/UA-1, set by typst. Equal inputs give equal bytes."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

from reports.parts import Figure, Line, Table
from reports.render import RenderInput
from reports.render.cells import letter, printable, split_at_point
from reports.render.words import cut_of, day, handling, marking, moment, number_of
from trial.typesetting import fonts

_LAYOUT = Path(__file__).with_name("report.typ")
# Letters that fit beside each other on a page of that orientation at the common size of tables
_UPRIGHT, _ACROSS = 112, 176
_LONGEST_CELL, _LONGEST_HEAD = 44, 15
# A table with more lines than this may begin on one page and go on on the next
_LINES_KEPT_TOGETHER, _LINES_KEPT_ACROSS = 42, 22


def pdf(report: RenderInput, *, watermark: str | None = None) -> bytes:
    """The part as PDF; `watermark` stands across each page, for instance the name of who takes it.

    Nothing of the input is read as markup. The creation date is the report's `built_at`.
    """
    import typst

    built_at = report.meta["built_at"].astimezone(UTC).replace(microsecond=0)
    return typst.compile(
        str(_LAYOUT),
        font_paths=fonts(),
        sys_inputs={"report": json.dumps(_document(report, watermark), ensure_ascii=False, sort_keys=True)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=built_at,
        format="pdf",
    )


def _document(report: RenderInput, watermark: str | None) -> dict[str, Any]:
    meta = report.meta
    return _as_printed(
        {
            "trial": str(meta["trial"]),
            "trial_short": str(meta.get("trial_short") or meta["trial"]),
            "marking": marking(report.part),
            "title": f"{number_of(meta)}, {report.part} part",
            "number": number_of(meta),
            "cut": cut_of(meta),
            "purpose": f"for the monitoring board: {str(report.part).lower()} part",
            "facts": _facts(report),
            "handling": handling(report.part),
            "synthetic": bool(meta.get("synthetic")),
            "watermark": watermark,
            "synopsis": report.synopsis,
            "sections": _sections(report),
            "definitions": report.definitions,
            "versions": report.versions,
            "hashes": report.hashes,
        }
    )


def _facts(report: RenderInput) -> list[tuple[str, str]]:
    meta = report.meta
    return [
        ("Registration", str(meta["registration"])),
        ("Report", f"{meta['report']}, version {meta['version']}"),
        ("Part", str(report.part)),
        ("Data cut", f"{day(meta['cut'])} (UTC, end of the day)"),
        ("Entries up to", moment(meta["freeze"])),
        ("Built", moment(meta["built_at"])),
        ("Snapshot, SHA-256", _in_groups(str(meta["snapshot_sha256"]))),
        ("Code version", str(meta["code_version"])),
    ]


def _in_groups(sha256: str) -> str:
    return " ".join(sha256[start : start + 8] for start in range(0, len(sha256), 8))


def _as_printed(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: _as_printed(part) for name, part in value.items()}
    return [_as_printed(part) for part in value] if isinstance(value, (list, tuple)) else value


def _sections(report: RenderInput) -> list[dict[str, Any]]:
    """Tables, figures, and at the end the tables that need a page across; a section without content is left out."""
    foot = f"{cut_of(report.meta)}; entries up to {moment(report.meta['freeze'])}."
    upright = [_table(table, wide=False, foot=foot) for table in report.tables if not _is_wide(table)]
    across = [_table(table, wide=True, foot=foot) for table in report.tables if _is_wide(table)]
    figures = [_figure(figure, foot=foot) for figure in report.figures]
    sections = [
        {"heading": "Tables", "wide": False, "tables": upright, "figures": []},
        {"heading": "Figures", "wide": False, "tables": [], "figures": figures},
        {"heading": "Listings and wide tables", "wide": True, "tables": across, "figures": []},
    ]
    return [section for section in sections if section["tables"] or section["figures"]]


def _figure(figure: Figure, *, foot: str) -> dict[str, Any]:
    return {
        "label": _label("Figure", figure.code),
        "title": figure.title,
        "svg": figure.svg,
        "alt": figure.alt,
        "notes": _notes(figure.notes),
        "foot": _foot(figure.notes, foot),
    }


def _label(kind: str, code: str) -> str:
    """Table T4, Figure F7a, Listing L2."""
    return f"Listing {code}" if code.startswith("L") else f"{kind} {code}"


def _notes(notes: Iterable[str]) -> list[tuple[str, str]]:
    return [(letter(position), note) for position, note in enumerate(notes)]


def _foot(notes: Iterable[str], foot: str) -> str:
    """The data cut under each table and figure (DB-02), unless its own notes say it."""
    return "" if any(note.startswith("Data cut") for note in notes) else foot


def _lengths(table: Table) -> list[int]:
    """Letters that each column asks for, long texts cut to what can be wrapped."""
    rows = [line.cells for line in table.lines if len(line.cells) == len(table.columns)]
    return [
        max([min(len(column.label), _LONGEST_HEAD), *(min(len(row[at]), _LONGEST_CELL) for row in rows)], default=1)
        for at, column in enumerate(table.columns)
    ]


def _asked(table: Table) -> int:
    return sum(_lengths(table)) + 3 * len(table.columns)


def _is_wide(table: Table) -> bool:
    return _asked(table) > _UPRIGHT


def _table(table: Table, *, wide: bool, foot: str) -> dict[str, Any]:
    crowded = _asked(table) > (_ACROSS if wide else _UPRIGHT * 0.85)
    lines = [_line(table, line) for line in table.lines]
    rows = [line for line in lines if line["kind"] != "group"]
    lengths = _lengths(table)
    return {
        "label": _label("Table", table.code),
        "title": table.title,
        "columns": [{"label": _head(c.label, c.numeric), "numeric": c.numeric} for c in table.columns],
        "widths": [None if c.numeric else max(lengths[at], 5) for at, c in enumerate(table.columns)],
        "tails": [_tails(rows, at) if column.numeric else [] for at, column in enumerate(table.columns)],
        "lines": lines,
        "strong": any(line["kind"] == "strong" for line in lines),
        "size": 7.5 if crowded else 8.5,
        "gap": 3 if crowded else 5,
        "notes": _notes(table.notes),
        "foot": _foot(table.notes, foot),
        "breakable": len(lines) > (_LINES_KEPT_ACROSS if wide else _LINES_KEPT_TOGETHER),
    }


def _head(label: str, numeric: bool) -> str:
    """Heads of numbers are broken, so that they do not make their column wide."""
    if not numeric:
        return label
    kept_together = label.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")
    return "\n".join(textwrap.wrap(kept_together, _LONGEST_HEAD, break_long_words=False))


def _line(table: Table, line: Line) -> dict[str, Any]:
    """A group that has figures of its own is a row like others, but strong."""
    filled = [cell for cell in line.cells[1:] if cell]
    kind = "strong" if line.kind == "group" and filled else line.kind
    if kind == "group":
        return {"kind": kind, "cells": [{"text": line.cells[0] if line.cells else ""}]}
    return {"kind": kind, "cells": [_cell(text, column.numeric) for text, column in _filled(table, line)]}


def _filled(table: Table, line: Line) -> Iterable[tuple[str, Any]]:
    cells = [*line.cells, *[""] * len(table.columns)]
    return zip(cells, table.columns, strict=False)


def _cell(text: str, numeric: bool) -> dict[str, str]:
    parts = split_at_point(text) if numeric else None
    return {"head": parts[0], "tail": parts[1]} if parts else {"text": text}


def _tails(rows: Sequence[dict[str, Any]], at: int) -> list[str]:
    """What stands after the point in this column; the longest alone can be the widest, give or take two letters."""
    tails = sorted({row["cells"][at].get("tail", "") for row in rows}, key=lambda tail: (-len(tail), tail))
    return [tail for tail in tails if tail and len(tail) >= len(tails[0]) - 2]
