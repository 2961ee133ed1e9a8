"""A list as CSV, streamed; who took how many rows with which sha256 is kept as an access event.

The file begins with a byte order mark: without one, Excel reads UTF-8 as the Windows code page and spoils every accent
and every "≥". Python's `utf-8-sig`, R's `UTF-8-BOM` and pandas read it as well.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from trial import access_log
from trial.models import User

# A spreadsheet reads a cell that begins so as a formula; an apostrophe before it makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MARK = "\ufeff"


class _Line:
    """A file that hands each written line back."""

    def write(self, text: str) -> str:
        return text


def lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV lines (RFC 4180, UTF-8), the first with the names of the columns. Moments are ISO 8601 in UTC."""
    writer: Any = csv.writer(_Line())
    yield MARK + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, int | float | Decimal):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def download(
    *, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], by: User, role: str, request: Any
) -> StreamingHttpResponse:
    """The list as a file `name-2026-01-31.csv`. name: of the list, in lower case with hyphens."""
    content = _counted(name, lines(columns, rows), by, role, request)
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.now():%Y-%m-%d}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _counted(name: str, text: Iterator[str], by: User, role: str, request: Any) -> Iterator[bytes]:
    """The bytes; once the last one is out, the event."""
    digest, count = hashlib.sha256(), -1
    for line in text:
        data = line.encode()
        digest.update(data)
        count += 1
        yield data
    target, sha256 = f"{name}: {count} rows", digest.hexdigest()
    access_log.record(user=by, role=role, event="list downloaded", target=target, sha256=sha256, request=request)
