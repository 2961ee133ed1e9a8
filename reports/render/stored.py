"""One part of a report as JSON: what its preview shows, and what its PDF is set from again, with another mark."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from reports.parts import Column, Figure, Line, Part, Table
from reports.render import MOMENTS, RenderInput

NAME = "document.json"
_PAIRS = ("synopsis", "definitions", "versions", "hashes")


def write(report: RenderInput) -> bytes:
    """Everything that the PDF is made of. Equal inputs give equal bytes."""
    stored = {
        "meta": {name: _plain(value) for name, value in report.meta.items()},
        "part": report.part,
        "tables": [asdict(table) for table in report.tables],
        "figures": [asdict(figure) for figure in report.figures],
        **{name: getattr(report, name) for name in _PAIRS},
    }
    return (json.dumps(stored, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read(content: bytes) -> RenderInput:
    """The report that was written, for meta of texts, numbers, dates and moments."""
    stored = json.loads(content)
    meta = stored["meta"]
    moments = {name: datetime.fromisoformat(meta[name]) for name in MOMENTS}
    return RenderInput(
        meta={**meta, **moments, "cut": date.fromisoformat(meta["cut"])},
        part=Part(stored["part"]),
        tables=tuple(map(_table, stored["tables"])),
        figures=tuple(map(_figure, stored["figures"])),
        **{name: tuple((first, second) for first, second in stored[name]) for name in _PAIRS},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _table(stored: dict[str, Any]) -> Table:
    parts = {
        "part": Part(stored["part"]),
        "columns": tuple(Column(**column) for column in stored["columns"]),
        "lines": tuple(Line(tuple(line["cells"]), line["kind"]) for line in stored["lines"]),
        "notes": tuple(stored["notes"]),
    }
    return Table(**{**stored, **parts})


def _figure(stored: dict[str, Any]) -> Figure:
    parts = {"part": Part(stored["part"]), "data": _table(stored["data"]), "notes": tuple(stored["notes"])}
    return Figure(**{**stored, **parts})
