"""Hand files out: verified, marked for who takes them, logged (DB-06)."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from reports import storage
from reports.access import reader_role
from reports.contents import is_unmarked
from reports.models import Report, ReportFile
from reports.parts import Part
from reports.render.pdf import pdf
from trial import access_log
from trial.models import User

DOWNLOAD = "report downloaded"


@dataclass(frozen=True)
class Download:
    name: str
    content: bytes


def download_file(*, file: ReportFile, by: User, request: Any = None) -> Download:
    """One file, a PDF with the taker's name on each page. Raises PermissionDenied, and WrongState like storage.read."""
    content = _marked(file, storage.read(file), by, timezone.now())
    _log(file, by, request)
    return Download(_name(file.report, file.part, file.name.replace("/", "-")), content)


def download_part(*, report: Report, part: Part, by: User, request: Any = None) -> Download:
    """A part as one ZIP. `marked.json` names each file that differs from the manifest, because it is marked."""
    at = timezone.now()
    archive, marks = io.BytesIO(), []
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package:
        for file in report.files.filter(part=part).select_related("report"):
            content = _marked(file, storage.read(file), by, at)
            package.writestr(file.name, content)
            if (sha256 := hashlib.sha256(content).hexdigest()) != file.sha256:
                marks.append({"file": file.name, "sha256": sha256, "sha256_unmarked": file.sha256})
            _log(file, by, request)
        package.writestr(
            "marked.json", json.dumps({"for": by.full_name, "at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "files": marks})
        )
    return Download(_name(report, part, "all.zip"), archive.getvalue())


def _name(report: Report, part: str, name: str) -> str:
    return f"report-{report.number}-v{report.version}-{part.lower()}-{name}"


def _log(file: ReportFile, by: User, request: Any) -> None:
    """The hash is the manifest's: of the file as released, whoever's name was put on it."""
    access_log.record(
        user=by,
        event=DOWNLOAD,
        target=f"{file.report}: {file.part}, {file.name}",
        role=reader_role(by).code,
        sha256=file.sha256,
        request=request,
    )


def _marked(file: ReportFile, content: bytes, by: User, at: datetime) -> bytes:
    """A PDF set anew from the same tables and figures, with the mark; everything else as it is."""
    if not is_unmarked(file.name):
        return content
    document = storage.read_document(file.report, Part(file.part))
    return pdf(document, watermark=f"{by.full_name}, {at:%d-%b-%Y %H:%M} UTC")
