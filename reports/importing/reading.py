"""Read the CSV files of a study's folder: rows, or sentences about what cannot be read. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from reports.importing.layout import Table

MAX_MEGABYTES = 50
MAX_CELL = 100_000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True, order=True)
class Problem:
    """Why a row (line None: a file) is refused."""

    file: str
    line: int | None
    column: str
    reason: str

    def __str__(self) -> str:
        line = "" if self.line is None else f", line {self.line}"
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{line}{column}: {self.reason}"


class RowRefused(Exception):
    """One row cannot be loaded."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True)
class Row:
    """One row as it stands in its file: text, without the spaces around it. `line` is the line on which it begins."""

    file: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def refused(self, column: str, reason: str) -> RowRefused:
        return RowRefused(Problem(self.file, self.line, column, reason))

    def date(self, column: str) -> date | None:
        """Raises RowRefused unless the cell is empty or a date like 2024-01-17."""
        try:
            return date.fromisoformat(self[column]) if self[column] else None
        except ValueError:
            raise self.refused(column, f"“{self[column]}” is not a date like 2024-01-17.") from None

    def moment(self, column: str) -> datetime | None:
        """The wall-clock time. Raises RowRefused unless the cell is empty or like 2024-01-17 14:05:00."""
        try:
            moment = datetime.fromisoformat(self[column]) if self[column] else None
        except ValueError:
            moment = None
        if self[column] and (moment is None or len(self[column]) <= len("2024-01-17") or moment.tzinfo):
            raise self.refused(column, f"“{self[column]}” is not a date with a time like 2024-01-17 14:05:00.")
        return moment

    def number(self, column: str) -> Decimal | None:
        """Raises RowRefused unless the cell is empty or a number."""
        if self[column] and not _NUMBER.fullmatch(self[column]):
            raise self.refused(column, f"“{self[column]}” is not a number. Write digits, with a point for decimals.")
        return Decimal(self[column]) if self[column] else None

    def whole(self, column: str) -> int | None:
        """Raises RowRefused unless the cell is empty or a whole number."""
        number = self.number(column)
        if number is not None and number != number.to_integral_value():
            raise self.refused(column, f"“{self[column]}” is not a whole number.")
        return None if number is None else int(number)

    def code(self, column: str, codes: Iterable[str]) -> str:
        """The cell, "" if it is empty. Raises RowRefused for a code that is not one of these."""
        known = list(codes)
        if self[column] and self[column] not in known:
            raise self.refused(column, f"“{self[column]}” is unknown. Use one of: {', '.join(known)}.")
        return self[column]

    def needed(self, column: str) -> str:
        """The cell. Raises RowRefused if it is empty."""
        if not self[column]:
            raise self.refused(column, "The cell is empty, but every row needs it.")
        return self[column]


@dataclass
class Content:
    """What one file holds. A damaged file has problems and no rows."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(path: Path, table: Table) -> Content:
    """The rows of one file; rows that cannot be read, and doubles of a key, are problems instead."""
    content = Content()
    try:
        text = _text(path)
        content.rows = list(_keyed(_rows(text, table, content.problems), table, content.problems))
    except RowRefused as refused:
        content.problems.append(refused.problem)
    if table.needed and not content.rows and not content.problems:
        content.problems.append(Problem(table.file, None, "", "The file has a heading, but no rows."))
    return content


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > MAX_MEGABYTES * 1024 * 1024:
        megabytes = size / 1024 / 1024
        raise _unreadable(path, f"The file has {megabytes:,.0f} MB; the limit is {MAX_MEGABYTES} MB. Nothing was read.")
    data = path.read_bytes()
    if not data.strip():
        raise _unreadable(path, "The file is empty.")
    if b"\x00" in data:
        line = data[: data.index(b"\x00")].count(b"\n") + 1
        raise _unreadable(path, "The file holds a NUL byte, so it is damaged or no text file.", line)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _unreadable(path, "The file is not in UTF-8. Save it as “CSV UTF-8”.", line) from None


def _unreadable(path: Path, reason: str, line: int | None = None) -> RowRefused:
    return RowRefused(Problem(path.name, line, "", reason))


def _rows(text: str, table: Table, problems: list[Problem]) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        heading = _heading(next(reader), table)
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(heading):
                values = (cell.strip() for cell in cells)
                yield Row(table.file, line, dict(zip(heading, values, strict=True)))
            elif cells:
                reason = f"The row has {len(cells)} cells, the heading {len(heading)}."
                problems.append(Problem(table.file, line, "", reason))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(table.file, line, "", f"The row cannot be read: {error}."))


def _heading(cells: list[str], table: Table) -> list[str]:
    heading = [cell.strip() for cell in cells]
    for column in heading:
        if heading.count(column) > 1:
            raise RowRefused(Problem(table.file, 1, column, "Two columns have this name."))
    missing = [column for column in table.columns if column not in heading]
    if missing:
        raise RowRefused(Problem(table.file, 1, ", ".join(missing), "The column is missing."))
    return heading


def _keyed(rows: Iterable[Row], table: Table, problems: list[Problem]) -> Iterator[Row]:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row[column] for column in table.key)
        if key in seen:
            name = ", ".join(table.key)
            reason = f"“{' / '.join(key)}” stands on line {seen[key]} already."
            problems.append(Problem(table.file, row.line, name, reason))
            continue
        seen[key] = row.line
        empty = [column for column in table.key if not row[column]]
        if empty:
            reason = "The cell is empty, but every row needs it."
            problems.append(Problem(table.file, row.line, ", ".join(empty), reason))
            continue
        yield row
