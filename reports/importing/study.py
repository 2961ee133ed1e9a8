"""All rows of one folder, with the look-ups between its files. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from reports.importing import layout
from reports.importing.layout import Table
from reports.importing.reading import Row


@dataclass(frozen=True)
class Study:
    """tables: file name -> its rows; a file that is not there has none."""

    tables: Mapping[str, list[Row]]

    def rows(self, *tables: Table) -> Iterable[Row]:
        for table in tables:
            yield from self.tables.get(table.file, ())

    def of_subject(self, table: Table, subject: str) -> list[Row]:
        return self._by(table, "patient_id")[subject]

    def one(self, table: Table, column: str, value: str) -> Row | None:
        """The row with this value in a key column."""
        rows = self._by(table, column)[value]
        return rows[0] if rows else None

    def _by(self, table: Table, column: str) -> defaultdict[str, list[Row]]:
        key = (table.file, column)
        if key not in self._indexes:
            index: defaultdict[str, list[Row]] = defaultdict(list)
            for row in self.rows(table):
                index[row[column]].append(row)
            self._indexes[key] = index
        return self._indexes[key]

    @cached_property
    def _indexes(self) -> dict[tuple[str, str], defaultdict[str, list[Row]]]:
        return {}

    @cached_property
    def adverse_events(self) -> Mapping[str, Row]:
        """All adverse events by id: those of the course and those after it."""
        return {row["ae_id"]: row for row in self.rows(layout.AE, layout.AE_OUT_OF_WINDOW)}
