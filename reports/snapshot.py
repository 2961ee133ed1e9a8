"""The analysis datasets of one data cut, frozen: everything in a report is computed from these and nothing else.

A snapshot has canonical bytes: UTF-8, lines ended by LF, ISO dates, rows in the order of all their columns. So the same
data give the same hash on every machine, and a report can be built again from the files.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

Value = str | int | Decimal | date | datetime | bool | None
MANIFEST = "snapshot.json"


class UnusableSnapshot(ValueError):
    """The data cannot be a snapshot, or the files are not the snapshot that was written. The message says why."""


@dataclass(frozen=True)
class _Type:
    holds: type
    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _plain_number(number: Decimal) -> str:
    """Without exponent and without trailing zeros, so that 115.1 and 115.10 are the same bytes."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


_TYPES: Mapping[str, _Type] = {
    "text": _Type(str, str, str),
    "integer": _Type(int, str, int),
    "decimal": _Type(Decimal, _plain_number, Decimal),
    "date": _Type(date, date.isoformat, date.fromisoformat),
    "moment": _Type(datetime, _moment, datetime.fromisoformat),
    "flag": _Type(bool, {True: "true", False: "false"}.__getitem__, {"true": True, "false": False}.__getitem__),
}


@dataclass(frozen=True)
class Variable:
    """One column. type: text, integer, decimal, date, moment (with a time zone) or flag."""

    name: str
    label: str
    type: str = "text"


@dataclass(frozen=True)
class Dataset:
    """Rows of plain values, each of its variable's type or None. An empty text is None, not "".

    Raises UnusableSnapshot for a value of another type, a moment without a zone, or a row of another length.
    """

    name: str
    columns: tuple[Variable, ...]
    rows: tuple[tuple[Value, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise UnusableSnapshot(f"A row of {self.name} has {len(row)} values, not {len(self.columns)}.")
            for variable, value in zip(self.columns, row, strict=True):
                _check(self.name, variable, value)
        object.__setattr__(self, "rows", tuple(sorted(self.rows, key=_order)))

    @classmethod
    def of(cls, name: str, columns: Sequence[Variable], records: Iterable[Mapping[str, Any]]) -> Dataset:
        """A dataset from records by variable name; names that are no variable are left out, "" becomes None."""
        rows = (tuple(_none_if_empty(record.get(column.name)) for column in columns) for record in records)
        return cls(name, tuple(columns), tuple(rows))

    @cached_property
    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The rows by variable name."""
        names = [column.name for column in self.columns]
        return tuple(MappingProxyType(dict(zip(names, row, strict=True))) for row in self.rows)

    @cached_property
    def csv(self) -> bytes:
        lines = [[column.name for column in self.columns]]
        lines += [[_written(v, value) for v, value in zip(self.columns, row, strict=True)] for row in self.rows]
        return "".join(",".join(map(_quoted, line)) + "\n" for line in lines).encode()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.csv).hexdigest()

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """cut: the last day that counts. freeze: the moment up to which entries count (UTC)."""

    cut: date
    freeze: datetime
    datasets: Mapping[str, Dataset] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.freeze.utcoffset() is None:
            raise UnusableSnapshot("The freeze of a snapshot needs a time zone.")
        object.__setattr__(self, "freeze", self.freeze.astimezone(UTC))
        object.__setattr__(self, "datasets", MappingProxyType(dict(sorted(self.datasets.items()))))

    def __getitem__(self, name: str) -> Dataset:
        return self.datasets[name]

    @cached_property
    def manifest(self) -> bytes:
        """What the files are: cut, freeze, and each dataset's variables, number of rows and hash."""
        described = {
            "cut": self.cut.isoformat(),
            "freeze": _moment(self.freeze),
            "datasets": {name: _description(dataset) for name, dataset in self.datasets.items()},
        }
        return (json.dumps(described, indent=1, ensure_ascii=False) + "\n").encode()

    @property
    def sha256(self) -> str:
        """The hash of the whole: of the manifest, which holds the hash of every dataset."""
        return hashlib.sha256(self.manifest).hexdigest()


def write(snapshot: Snapshot, directory: Path) -> list[Path]:
    """Write one CSV for each dataset and the manifest; the folder is made where it is missing. Returns the files."""
    directory.mkdir(parents=True, exist_ok=True)
    contents = {file_name(name): dataset.csv for name, dataset in snapshot.datasets.items()}
    contents[MANIFEST] = snapshot.manifest
    for name, content in contents.items():
        (directory / name).write_bytes(content)
    return [directory / name for name in contents]


def read(directory: Path) -> Snapshot:
    """The snapshot that `write` wrote. Raises UnusableSnapshot if a file is missing or is not what was written."""
    try:
        manifest = json.loads((directory / MANIFEST).read_bytes())
        datasets = {name: _read_dataset(directory, name, said) for name, said in manifest["datasets"].items()}
        cut, freeze = date.fromisoformat(manifest["cut"]), datetime.fromisoformat(manifest["freeze"])
    except (OSError, KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise UnusableSnapshot(f"{directory} holds no complete snapshot: {problem}.") from problem
    return Snapshot(cut=cut, freeze=freeze, datasets=datasets)


def file_name(dataset: str) -> str:
    return f"{dataset.lower()}.csv"


def _description(dataset: Dataset) -> dict[str, Any]:
    variables = [{"name": v.name, "label": v.label, "type": v.type} for v in dataset.columns]
    return {"sha256": dataset.sha256, "rows": len(dataset), "variables": variables}


def _read_dataset(directory: Path, name: str, said: Mapping[str, Any]) -> Dataset:
    content = (directory / file_name(name)).read_bytes()
    if hashlib.sha256(content).hexdigest() != said["sha256"]:
        raise UnusableSnapshot(f"{file_name(name)} has changed since the snapshot was written.")
    columns = tuple(Variable(**variable) for variable in said["variables"])
    _, *lines = csv.reader(io.StringIO(content.decode(), newline=""))
    rows = tuple(tuple(_parsed(v, text) for v, text in zip(columns, line, strict=True)) for line in lines)
    return Dataset(name, columns, rows)


def _check(dataset: str, variable: Variable, value: Value) -> None:
    if value is None:
        return
    # A bool is an int and a datetime a date for isinstance, so the type itself is compared.
    if type(value) is not _TYPES[variable.type].holds:
        raise UnusableSnapshot(f"{dataset}.{variable.name} is a {variable.type}, and {value!r} is none.")
    if value == "" and variable.type == "text":
        raise UnusableSnapshot(f"{dataset}.{variable.name} is empty text: that is None.")
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise UnusableSnapshot(f"{dataset}.{variable.name} is a moment without a time zone.")
    if isinstance(value, Decimal) and not value.is_finite():
        raise UnusableSnapshot(f"{dataset}.{variable.name} is no finite number.")


def _order(row: tuple[Value, ...]) -> tuple[Any, ...]:
    """Missing values first, then by value; the same column always has one type."""
    return tuple((value is not None, 0 if value is None else value) for value in row)


def _none_if_empty(value: Any) -> Any:
    return None if isinstance(value, str) and value == "" else value


def _written(variable: Variable, value: Value) -> str:
    return "" if value is None else _TYPES[variable.type].write(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in '",\r\n') else text


def _parsed(variable: Variable, text: str) -> Value:
    return None if text == "" else _TYPES[variable.type].read(text)
