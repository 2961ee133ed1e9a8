"""The archive of one subject: the copy that an investigator keeps and reads without us (EMA 2023 6.6; 21 CFR 11.10(b)).

A zip of open formats: the casebook as PDF, every table of the subject as CSV, the audit trail, and a manifest with the
sha256 of each part. The same data give the same bytes, but for when and by whom the copy was made.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from trial import access, access_log, missing
from trial.exports import subject_casebook, subject_tables
from trial.exports.subject_casebook import Made
from trial.exports.subject_tables import CsvFile, Held
from trial.models import Subject, User
from trial.permissions import Permission
from trial.roles import Role

FORMAT = "Cradle subject archive 1"
CASEBOOK = "casebook.pdf"
MANIFEST = "manifest.json"
DOWNLOADED = "subject archive downloaded"
# A zip keeps a time of each member; one for all, so that equal data give equal bytes.
_UNDATED = (1980, 1, 1, 0, 0, 0)
_READING = (
    "CSV files are UTF-8 with a byte order mark; moments are ISO 8601 in UTC; codes stand in data-dictionary.csv. A"
    " text that a spreadsheet would take for a formula has an apostrophe before it."
)


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A zip as bytes, its name and its sha256."""

    name: str
    content: bytes
    sha256: str


def reading_role(user: User, subject: Subject) -> Role:
    """The role as which `user` reads the whole subject. Raises PermissionDenied for one that sees some CRFs only."""
    for role in access.roles_at(user, subject.site_id):
        if Permission.VIEW_DATA in role.permissions and role.crfs is None:
            return role
    raise PermissionDenied("Your role sees some forms of this subject only; the archive holds them all.")


def can_download(user: User, subject: Subject) -> bool:
    try:
        reading_role(user, subject)
    except PermissionDenied:
        return False
    return True


def download(*, subject: Subject, by: User, request: Any = None) -> Archive:
    """The archive as of now; that `by` took it, and its sha256, is kept. Raises PermissionDenied with a sentence."""
    role = reading_role(by, subject)
    made = Made(at=datetime.now(UTC).replace(microsecond=0), by=by.full_name, username=by.username, role=role.name)
    archive = build(subject, made)
    access_log.record(
        user=by, role=role.code, event=DOWNLOADED, target=f"Subject {subject.number}", sha256=archive.sha256,
        request=request,
    )  # fmt: skip
    return archive


def build(subject: Subject, made: Made) -> Archive:
    """The archive, in memory. All its parts show one state of the database."""
    with _one_state():
        held = subject_tables.gather(Subject.objects.select_related("site").get(pk=subject.pk))
        files = subject_tables.csv_files(held)
        parts = {CASEBOOK: subject_casebook.pdf(held, made), **{name: file.content for name, file in files.items()}}
    manifest = json.dumps(_manifest(held, made, files, parts), ensure_ascii=False, indent=2)
    content = _zipped({**parts, MANIFEST: manifest.encode()})
    name = f"subject-{subject.number}-{made.at:%Y-%m-%d}.zip"
    return Archive(name=name, content=content, sha256=hashlib.sha256(content).hexdigest())


@contextmanager
def _one_state() -> Iterator[None]:
    """A transaction that sees no commit after its first statement; within another one, as that one sees."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _manifest(held: Held, made: Made, files: Mapping[str, CsvFile], parts: Mapping[str, bytes]) -> dict[str, Any]:
    """What a certified copy says of itself: when, by whom, from what, and the sha256 of each part."""
    site = held.subject.site
    return {
        "format": FORMAT,
        "trial": settings.TRIAL_TITLE,
        "registration": settings.TRIAL_REGISTRATION,
        "protocol_version": settings.PROTOCOL_VERSION,
        "subject": held.subject.number,
        "synthetic": held.subject.synthetic,
        "site": {"number": site.number, "name": site.name, "country": site.country, "time_zone": site.time_zone},
        "made_at": made.at.isoformat(),
        "made_at_site": made.at.astimezone(ZoneInfo(site.time_zone)).isoformat(),
        "made_by": {"name": made.by, "username": made.username},
        "role": made.role,
        "app_version": settings.VERSION,
        "reading": _READING,
        "missing_codes": missing.MISSING,
        "rows": {name: file.rows for name, file in files.items()},
        "parts": {
            name: {"sha256": hashlib.sha256(part).hexdigest(), "size": len(part)} for name, part in parts.items()
        },
    }


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            member = zipfile.ZipInfo(name, date_time=_UNDATED)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, part)
    return file.getvalue()
