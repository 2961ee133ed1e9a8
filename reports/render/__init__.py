"""From tables and figures to files: PDF, XLSX, CSV and their manifest. Nothing is computed here but their layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from reports.parts import Figure, Part, Table

MOMENTS = ("freeze", "built_at")
REQUIRED = ("trial", "registration", "report", "version", "cut", "snapshot_sha256", "code_version", *MOMENTS)


class UnusableReport(ValueError):
    """A report cannot be rendered as it is given; the message says why."""


@dataclass(frozen=True, kw_only=True)
class RenderInput:
    """One part of a report, complete: equal inputs give equal bytes.

    meta: at least REQUIRED. `cut` is the last day that counts (UTC); `freeze` (up to which entries count) and
        `built_at` are moments with a time zone; `synthetic` is true where the data are invented;
        anything else is not printed but goes to the manifest.
    synopsis: label and text; definitions: word and meaning; versions: name and version; hashes: file and sha256.
    Raises UnusableReport for missing meta, and for a CLOSED table or figure in an OPEN part.
    """

    meta: Mapping[str, Any]
    part: Part
    synopsis: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    definitions: tuple[tuple[str, str], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    hashes: tuple[tuple[str, str], ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "meta", MappingProxyType(dict(self.meta)))
        check_meta(self.meta)
        if self.part is Part.OPEN:
            held: list[Table | Figure] = [*self.tables, *self.figures]
            closed = [item.code for item in held if item.part is Part.CLOSED]
            if closed:
                raise UnusableReport(f"The OPEN part must not hold what is CLOSED: {', '.join(closed)}.")


def check_meta(meta: Mapping[str, Any]) -> None:
    """Raises UnusableReport where the description of a report lacks something, or a moment its zone."""
    missing = [name for name in REQUIRED if meta.get(name) in (None, "")]
    if missing:
        raise UnusableReport(f"The description of the report lacks {', '.join(missing)}.")
    for name in MOMENTS:
        if not isinstance(meta[name], datetime) or meta[name].utcoffset() is None:
            raise UnusableReport(f"'{name}' of the report is a moment with a time zone.")
    if isinstance(meta["cut"], datetime) or not isinstance(meta["cut"], date):
        raise UnusableReport("'cut' of the report is a date, the last day that counts (UTC).")
