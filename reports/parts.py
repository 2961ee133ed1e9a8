"""What a report is made of: tables and figures as plain data, whatever they are rendered to."""

from dataclasses import dataclass, field
from enum import StrEnum


class Part(StrEnum):
    """OPEN may go to investigators and sponsor; CLOSED only to the board and its statistician."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


@dataclass(frozen=True)
class Column:
    label: str
    numeric: bool = False


@dataclass(frozen=True)
class Line:
    """One row of a table. kind: "normal", "group" (a heading over what follows) or "indent"."""

    cells: tuple[str, ...]
    kind: str = "normal"


@dataclass(frozen=True, kw_only=True)
class Table:
    """code: T4 and the like; title says what is shown; notes are footnotes in order (a, b, c...)."""

    code: str
    title: str
    part: Part
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in self.lines:
            if line.kind != "group" and len(line.cells) != len(self.columns):
                raise ValueError(f"Table {self.code}: a line has {len(line.cells)} cells, not {len(self.columns)}.")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """svg: presentation attributes only, with <title>; alt: the same said in words; data: the numbers drawn."""

    code: str
    title: str
    part: Part
    svg: str
    alt: str
    data: Table
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Result:
    """One figure of results.json: `text` as printed, and the unrounded numbers (proportions as fractions, months)."""

    text: str
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    count: int | None = None
    of: int | None = None
    p: float | None = None
    extra: dict[str, float | str | None] = field(default_factory=dict)
