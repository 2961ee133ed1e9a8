"""Tables as CSV and XLSX. A cell is text as printed, and stays text: no spreadsheet computes with it."""

from __future__ import annotations

import csv as csv_writer
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from reports.parts import Line, Table
from reports.render.cells import letter

# The date inside the file, so that the same tables give the same bytes; when a report was built is in its manifest
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - the format has no zone
_SHEET_NAME_LENGTH = 31
_WIDEST = 60
_RULED = {"bold": True, "top": 1, "bottom": 1, "text_wrap": True, "valign": "bottom"}
_FORMATS: Mapping[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 12},
    "head": _RULED,
    "head_number": {**_RULED, "align": "right"},
    "normal": {"valign": "top", "text_wrap": True},
    "indent": {"valign": "top", "text_wrap": True, "indent": 1},
    "group": {"bold": True, "valign": "top"},
    "number": {"align": "right", "valign": "top"},
    "note": {"font_color": "#4a5563"},
}
# XML 1.0 has no place for these, so neither has XLSX
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def csv(table: Table) -> bytes:
    """Head and lines, UTF-8, lines ended by CR LF (RFC 4180). Title and notes are in the PDF and XLSX."""
    text = io.StringIO(newline="")
    writer = csv_writer.writer(text, lineterminator="\r\n")
    writer.writerow([column.label for column in table.columns])
    writer.writerows(_cells(table, line) for line in table.lines)
    return text.getvalue().encode()


def xlsx(tables: Sequence[Table]) -> bytes:
    """One sheet for each table: title, head, lines, notes. Raises ValueError where two tables have one code."""
    import xlsxwriter

    names = [_sheet_name(table.code) for table in tables]
    if len({name.lower() for name in names}) != len(names):
        raise ValueError("Two tables of one workbook have the same code.")
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"created": _CREATED})
    formats = {name: book.add_format(how) for name, how in _FORMATS.items()}
    for name, table in zip(names, tables, strict=True):
        _write(book.add_worksheet(name), table, formats)
    if not tables:
        book.add_worksheet("No tables")
    book.close()
    return file.getvalue()


def _sheet_name(code: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", "-", code)[:_SHEET_NAME_LENGTH]


def _write(sheet: Any, table: Table, formats: Mapping[str, Any]) -> None:
    sheet.write_string(0, 0, _storable(f"{table.code}  {table.title}"), formats["title"])
    for at, column in enumerate(table.columns):
        head = formats["head_number" if column.numeric else "head"]
        sheet.write_string(2, at, _storable(column.label), head)
        sheet.set_column(at, at, _width(table, at))
    for row, line in enumerate(table.lines, start=3):
        for at, text in enumerate(_cells(table, line)):
            sheet.write_string(row, at, _storable(text), formats[_format_name(table, line, at)])
    below = 4 + len(table.lines)
    for position, note in enumerate(table.notes):
        sheet.write_string(below + position, 0, _storable(f"{letter(position)}  {note}"), formats["note"])
    sheet.freeze_panes(3, 1)


def _format_name(table: Table, line: Line, at: int) -> str:
    if table.columns[at].numeric:
        return "number"
    return line.kind if at == 0 or line.kind == "group" else "normal"


def _width(table: Table, at: int) -> int:
    lengths = [len(_cells(table, line)[at]) for line in table.lines if line.kind != "group"]
    return min(max([8, len(table.columns[at].label), *lengths]) + 2, _WIDEST)


def _cells(table: Table, line: Line) -> list[str]:
    """As many cells as columns; a group may have said only its heading."""
    return [*line.cells, *[""] * (len(table.columns) - len(line.cells))]


def _storable(text: str) -> str:
    return _NOT_IN_XML.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
