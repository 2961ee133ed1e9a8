"""The manifest of a package: what each file must contain, and what it was computed from (DB-03)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from reports.contents import is_unmarked
from reports.render import check_meta

NAME = "manifest.json"


def manifest(files: Mapping[str, bytes], meta: Mapping[str, Any]) -> bytes:
    """manifest.json: `report` with all of the meta, `files` with the size and SHA-256 of each by its path.

    A file that is marked for each who downloads it is said to be `unmarked` here: its hash is of the file before that.
    files: content by path inside the part. Raises UnusableReport for incomplete meta, ValueError for a manifest among
    the files, which cannot hold its own hash.
    """
    check_meta(meta)
    if NAME in files:
        raise ValueError(f"{NAME} cannot list itself.")
    listed = {name: _entry(name, content) for name, content in sorted(files.items())}
    described = {"report": {name: _written(value) for name, value in sorted(meta.items())}, "files": listed}
    return (json.dumps(described, indent=1, ensure_ascii=False) + "\n").encode()


def _entry(name: str, content: bytes) -> dict[str, Any]:
    entry = {"sha256": sha256(content), "size": len(content)}
    return entry | {"unmarked": True} if is_unmarked(name) else entry


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def lock_sha256(lock: Path) -> str:
    """The hash of the file of locked packages."""
    return sha256(lock.read_bytes())


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
