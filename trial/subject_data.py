"""What one subject's forms say, as plain values: the input of cross-form checks and of the protocol's derivations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Row:
    """One form record's values. `row.item` is the value, None where it is missing.

    Moments are the site's wall clock (naive); `row.moment(item)` gives the UTC moment for durations.
    """

    record_id: int
    crf: str
    sequence: int
    visit: str | None
    values: Mapping[str, Any]
    moments: Mapping[str, Any] = field(default_factory=dict)
    imported: bool = False

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(f"{self.crf} has no item {name!r}") from None

    def moment(self, item: str) -> Any:
        return self.moments.get(item)


@dataclass(frozen=True, kw_only=True)
class SubjectData:
    number: str
    site: str
    time_zone: str
    site_activated_on: date | None = None
    forms: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def rows(self, crf: str) -> Sequence[Row]:
        """The rows of a CRF, by visit date order of entry: sequence."""
        return self.forms.get(crf, ())

    def first(self, crf: str) -> Row | None:
        """The only row of a CRF that is asked once, or the first of a log."""
        rows = self.rows(crf)
        return rows[0] if rows else None

    def row(self, record_id: int | None) -> Row | None:
        """The row of a linked record, if its CRF was read."""
        for rows in self.forms.values():
            for row in rows:
                if row.record_id == record_id:
                    return row
        return None
