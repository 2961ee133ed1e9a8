"""What the two page templates show: a table's cells ready to be aligned, a figure's drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reports.parts import Figure, Line, Table
from reports.render.cells import letter, split_at_point

WIDEST_REST = 30  # report.css knows as many widths


@dataclass(frozen=True)
class PageCell:
    """A number is shown as `whole` and `rest`; a text as `whole` alone. rest_width: letters, for the class `rest-N`."""

    whole: str
    rest: str = ""
    numeric: bool = False
    split: bool = False
    rest_width: int = 0


def table_context(table: Table, *, note: str = "", id: str = "") -> dict[str, Any]:
    """The context of `reports/part_table.html`. note: what stands last under the table, as the data cut.

    id: the element's, by default the table's code.
    """
    widths = [_rest_width(table, at) if column.numeric else 0 for at, column in enumerate(table.columns)]
    rows = [{"kind": line.kind, "spans": _spans(line), "cells": _cells(table, line, widths)} for line in table.lines]
    notes = [(letter(position), text) for position, text in enumerate(table.notes)]
    return {
        "table": table,
        "rows": rows,
        "notes": notes,
        "note": note,
        "width": len(table.columns),
        "id": id or table.code,
    }


def figure_context(figure: Figure, *, note: str = "") -> dict[str, Any]:
    """The context of `reports/part_figure.html`. The drawing is our own, without styles and scripts."""
    from django.utils.safestring import mark_safe

    notes = [(letter(position), text) for position, text in enumerate(figure.notes)]
    data = table_context(figure.data, id=f"{figure.code}-data")
    drawing = mark_safe(figure.svg)  # noqa: S308 - from reports.figures.svg, which writes every text as text
    return {"figure": figure, "svg": drawing, "notes": notes, "note": note, "data": data}


def _spans(line: Line) -> bool:
    return line.kind == "group" and not any(line.cells[1:])


def _rest_width(table: Table, at: int) -> int:
    parts = [split_at_point(line.cells[at]) for line in table.lines if at < len(line.cells)]
    return min(max((len(part[1]) for part in parts if part), default=0), WIDEST_REST)


def _cells(table: Table, line: Line, widths: list[int]) -> list[PageCell]:
    cells = [*line.cells, *[""] * (len(table.columns) - len(line.cells))]
    return [
        _cell(text, column.numeric, width) for text, column, width in zip(cells, table.columns, widths, strict=True)
    ]


def _cell(text: str, numeric: bool, width: int) -> PageCell:
    parts = split_at_point(text) if numeric else None
    if parts is None:
        return PageCell(text, numeric=numeric)
    return PageCell(*parts, numeric=True, split=True, rest_width=width)
