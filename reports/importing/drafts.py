"""A draft: one form that is to be saved, with where each of its answers stands in the source. Pure."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reports.importing.reading import Problem, Row

Target = tuple[str, str]  # CRF code and source id


@dataclass
class Draft:
    """values: item -> text as in the source, or its code. links: item -> the form that it links to.

    visit: code of the visit; None for a row of a log. at_visit_of: put the form at the visit whose window holds this
    day, if that visit expects it; a row of the log otherwise.
    differences: (item, sentence) where two files tell the same differently: each becomes a query.
    """

    crf: str
    subject: str
    source_id: str
    row: Row
    visit: str | None = None
    at_visit_of: date | None = None
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Target] = field(default_factory=dict)
    differences: list[tuple[str, str]] = field(default_factory=list)
    _cells: dict[str, tuple[Row, str]] = field(default_factory=dict)

    def take(self, row: Row | None = None, /, **columns: str) -> "Draft":
        """Answer items with the text of their columns (item=column)."""
        for item, column in columns.items():
            self.say(item, (row or self.row)[column], column, row)
        return self

    def say(self, item: str, value: Any, column: str, row: Row | None = None) -> None:
        """Answer one item; `column` is where the value comes from, for the sentence that refuses it."""
        self.values[item] = value
        self._cells[item] = (row or self.row, column)

    def link(self, item: str, target: Target, column: str) -> None:
        self.links[item] = target
        self._cells[item] = (self.row, column)

    def differs(self, item: str, sentence: str) -> None:
        self.differences.append((item, sentence))

    def problem(self, item: str, reason: str) -> Problem:
        """Why the form is refused, at the cell where its answer stands."""
        row, column = self._cells.get(item, (self.row, ""))
        return Problem(row.file, row.line, column, reason)

    @property
    def sha256(self) -> str:
        """Of what the source says: the same again changes nothing."""
        told = json.dumps([self.values, self.links, self.visit, str(self.at_visit_of)], sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def target(self) -> Target:
        return self.crf, self.source_id


def put_end(draft: Draft, *, ongoing: str, end: str, column: str, row: Row | None = None) -> None:
    """An end: this layout leaves the cell empty while the thing goes on."""
    draft.say(end, (row or draft.row)[column], column, row)
    draft.say(ongoing, "N" if (row or draft.row)[column] else "Y", column, row)
