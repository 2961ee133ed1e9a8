"""The whole audit trail as CSV, streamed, the oldest change first; its row count and hash are kept as an access event.

EMA 2023, 6.2.1.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from typing import Any

from trial import access_log
from trial.models import User
from trial.trail import Change, Filter, stream

COLUMNS = tuple(field.name for field in fields(Change))
# A spreadsheet reads a cell that begins so as a formula; an apostrophe before it makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """A file that hands each written line back."""

    def write(self, text: str) -> str:
        return text


def rows(changes: Iterable[Change]) -> Iterator[str]:
    """CSV lines (RFC 4180, UTF-8), the first with the names of the columns. Moments are ISO 8601 in UTC."""
    writer: Any = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for change in changes:
        yield writer.writerow([_cell(value) for value in astuple(change)])


def _cell(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def download(*, wanted: Filter, by: User, role: str, request: Any = None) -> Iterator[bytes]:
    """The trail as bytes. When the last one is out, who downloaded how many rows with which sha256 is kept."""
    digest, count = hashlib.sha256(), -1
    for line in rows(stream(wanted)):
        data = line.encode()
        digest.update(data)
        count += 1
        yield data
    access_log.record(
        user=by,
        role=role,
        event="audit trail downloaded",
        target=f"{count} changes",
        sha256=digest.hexdigest(),
        request=request,
    )
