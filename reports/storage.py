"""Where the files of reports lie: written once, each report in a folder of its own, and read with proof."""

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from reports.models import Report, ReportFile
from reports.parts import Part
from reports.render import RenderInput, stored
from trial.lifecycle import WrongState

logger = logging.getLogger(__name__)


class WouldOverwrite(Exception):
    """A folder of a report exists already; the message is a sentence."""


def folder_name(report: Report) -> str:
    return f"{report.number}-v{report.version}"


@contextmanager
def workshop(report: Report) -> Iterator[Path]:
    """An empty folder to build in. What an interrupted build left there is removed: nobody was shown it."""
    folder = settings.REPORTS_DIR / ".building" / str(report.pk)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o750)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def set_aside_unfinished(report: Report) -> None:
    """Move away what a build left that was killed after its files were in place and before the database knew."""
    folder = settings.REPORTS_DIR / folder_name(report)
    if folder.exists():
        folder.rename(folder.with_name(f".{folder.name}-set-aside-{timezone.now():%Y%m%dT%H%M%S%f}"))


def put_in_place(workshop: Path, report: Report) -> str:
    """Move a finished build to its folder, read-only. Raises WouldOverwrite; never replaces a file."""
    folder = settings.REPORTS_DIR / folder_name(report)
    for file in workshop.rglob("*"):
        if file.is_file():
            file.chmod(0o440)
    try:
        # Taking the name is one step that fails if another has it; an empty folder may then be replaced.
        folder.mkdir(mode=0o750)
    except FileExistsError as error:
        raise WouldOverwrite(
            f"The folder {folder.name} of this report exists already; it is not overwritten."
        ) from error
    os.rename(workshop, folder)
    return folder.name


def read(file: ReportFile) -> bytes:
    """The file's content. Raises WrongState, and logs, if it is not what was built."""
    try:
        content = file.path.read_bytes()
    except OSError:
        content = None
    if content is None or hashlib.sha256(content).hexdigest() != file.sha256:
        logger.error("File %s of report %s is not what was built.", file.pk, file.report_id)
        raise WrongState(f"The file {file.name} is not what was built, so it is not handed out. Tell a statistician.")
    return content


def read_document(report: Report, part: Part) -> RenderInput:
    """What a part is rendered from, as it was built. Raises WrongState like `read`."""
    return stored.read(read(report.files.select_related("report").get(part=part, name=stored.NAME)))


def check_whole(report: Report) -> None:
    """Raise WrongState unless every file is there as it was built."""
    for file in report.files.select_related("report"):
        read(file)
