"""A subject's archive against its manifest and against the database: every difference as a sentence (EMA 2023 6.6)."""

import csv
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from trial.exports import subject_archive, subject_tables
from trial.exports.subject_archive import MANIFEST
from trial.exports.subject_tables import CsvFile
from trial.models import AccessEvent, Subject

NAMED = 20  # rows on one side only; of more than these the number is said
Rows = Mapping[tuple[str, ...], Mapping[str, str]]


def compare(content: bytes) -> list[str]:
    """What differs between this archive and its manifest, the record of its download, or the database as it stands.

    Empty where they agree. Damaged files are differences, not errors.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        return ["The file cannot be opened: it is no zip, or it is damaged."]
    parts, found = _read(archive)
    manifest = _manifest(parts)
    if manifest is None:
        return [*found, f"{MANIFEST} is not there or cannot be read; nothing says what the archive should hold."]
    found += _against_manifest(parts, manifest)
    found += _against_record(content)
    return found + _against_database(parts, manifest)


def _read(archive: zipfile.ZipFile) -> tuple[dict[str, bytes], list[str]]:
    """The members that can be read, and a sentence on each that cannot."""
    parts, problems = {}, []
    for name in archive.namelist():
        try:
            parts[name] = archive.read(name)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
            problems.append(f"{name} cannot be read: its bytes were changed.")
    return parts, problems


def _manifest(parts: Mapping[str, bytes]) -> dict[str, Any] | None:
    try:
        manifest = json.loads(parts[MANIFEST])
    except (KeyError, ValueError):
        return None
    is_ours = isinstance(manifest, dict) and manifest.get("format") == subject_archive.FORMAT
    return manifest if is_ours and isinstance(manifest.get("parts"), dict) else None


def _against_manifest(parts: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterator[str]:
    named = manifest["parts"]
    for name in sorted(parts.keys() - named.keys() - {MANIFEST}):
        yield f"{name} is in the archive and not in its manifest."
    for name, said in named.items():
        if name not in parts:
            yield f"{name} is in the manifest and cannot be had from the archive."
        elif hashlib.sha256(parts[name]).hexdigest() != said["sha256"]:
            yield f"{name} is not what the manifest names: its sha256 differs, so it was changed after it was made."


def _against_record(content: bytes) -> Iterator[str]:
    """A manifest can be made to fit; the hash in the access log cannot."""
    sha256 = hashlib.sha256(content).hexdigest()
    if not AccessEvent.objects.filter(event=subject_archive.DOWNLOADED, sha256=sha256).exists():
        yield f"No download of this file is on record (sha256 {sha256}): it is not what the system gave out."


# --- the database --------------------------------------------------------------------------------------------------


def _against_database(parts: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[str]:
    number = str(manifest.get("subject", ""))
    subject = Subject.objects.select_related("site").filter(number=number).first()
    if subject is None:
        return [f"The database has no subject {number}."]
    files = subject_tables.csv_files(subject_tables.gather(subject))
    return [
        difference for name, file in files.items() for difference in _file_differences(name, file, parts.get(name, b""))
    ]


def _file_differences(name: str, file: CsvFile, copy: bytes) -> Iterator[str]:
    """Row by row and field by field; equal bytes need no reading."""
    if file.content == copy:
        return
    now, then = rows_of(file.content, file.keys), rows_of(copy, file.keys)
    yield from _one_sided(name, [key for key in now if key not in then], "the database")
    yield from _one_sided(name, [key for key in then if key not in now], "the copy")
    for key in now.keys() & then.keys():
        yield from _row_differences(f"{name}, {' '.join(key)}", then[key], now[key])


def _one_sided(name: str, keys: list[tuple[str, ...]], side: str) -> Iterator[str]:
    if len(keys) > NAMED:
        yield f"{name}: {len(keys)} rows are only in {side}."
        return
    yield from (f"{name}, {' '.join(key)}: only in {side}." for key in keys)


def _row_differences(place: str, then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """A column that one side lacks counts as empty: an item added since is no difference until it is answered."""
    for column in {**then, **now}:
        old, new = then.get(column, ""), now.get(column, "")
        if old != new:
            yield f"{place}, {column}: the copy has “{old}”, the database “{new}”."


def rows_of(content: bytes, keys: tuple[str, ...]) -> Rows:
    """The rows of a CSV file by what names them. Bytes that are no UTF-8 are read as replacement characters."""
    csv.field_size_limit(max(csv.field_size_limit(), len(content) + 1))
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig", errors="replace"), newline=""), restval="")
    rows = ({column: value for column, value in row.items() if column is not None} for row in reader)
    return {tuple(row.get(key, "") for key in keys): row for row in rows}
