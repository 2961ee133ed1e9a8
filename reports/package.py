"""What a build hands over: the files of a package and what they were computed from. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from reports.parts import Part


class NotBuilt(Exception):
    """A report cannot be built; the message is a sentence for who asked for it."""


@dataclass(frozen=True, kw_only=True)
class BuiltFile:
    """name: the path inside its part, `tables/T1.csv`."""

    part: Part
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class BuiltReport:
    cut: date
    freeze: datetime
    snapshot_sha256: str
    files: tuple[BuiltFile, ...]


def list_files(folder: Path) -> tuple[BuiltFile, ...]:
    """Every file of both parts below `folder`, in the order of their names."""
    return tuple(
        _describe(part, folder / part.lower(), file) for part in Part for file in _files(folder / part.lower())
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _describe(part: Part, root: Path, file: Path) -> BuiltFile:
    content = file.read_bytes()
    return BuiltFile(
        part=part, name=file.relative_to(root).as_posix(), sha256=hashlib.sha256(content).hexdigest(), size=len(content)
    )
