"""The tables and figures of one part as data: what the preview shows and a marked PDF is set from."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from reports.parts import Column, Figure, Line, Part, Table

NAME = "content.json"


@dataclass(frozen=True)
class Content:
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]


def to_json(content: Content) -> bytes:
    return (json.dumps(asdict(content), indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def from_json(data: bytes) -> Content:
    found = json.loads(data)
    return Content(tuple(map(_table, found["tables"])), tuple(map(_figure, found["figures"])))


def _table(data: dict[str, Any]) -> Table:
    return Table(
        **data
        | {
            "part": Part(data["part"]),
            "columns": tuple(Column(**column) for column in data["columns"]),
            "lines": tuple(Line(cells=tuple(line["cells"]), kind=line["kind"]) for line in data["lines"]),
            "notes": tuple(data["notes"]),
        }
    )


def _figure(data: dict[str, Any]) -> Figure:
    return Figure(**data | {"part": Part(data["part"]), "data": _table(data["data"]), "notes": tuple(data["notes"])})
