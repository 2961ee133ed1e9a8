"""Ask for a report, and build what was asked for. Progress and outcome stand in the job's row."""

import logging
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from reports import storage
from reports.access import JOB_KIND
from reports.cuts import WrongCut, check_cut
from reports.lifecycle import ReportState, check_report_step
from reports.models import Report, ReportFile
from reports.package import BuiltReport, NotBuilt
from trial import access
from trial.history import history
from trial.models import Job, JobState, User
from trial.permissions import Permission

logger = logging.getLogger(__name__)
REFUSALS = (NotBuilt, WrongCut, PermissionDenied, storage.WouldOverwrite)
# A job that ends its worker each time must not go round for ever.
MOST_ATTEMPTS = 3
# Numbers of reports are given out one at a time.
NUMBERS_LOCK = (4712, 1)


def ask_for_report(*, by: User, cut: date, number: int | None = None) -> Job:
    """A job for a new report, or for the next version of report `number`. Asking twice at once asks once.

    Raises PermissionDenied, WrongCut.
    """
    access.role_anywhere(by, Permission.BUILD_REPORT)
    check_cut(cut, now=timezone.now())
    arguments = {"cut": cut.isoformat(), "number": number}
    asked: dict[str, Any] = {"kind": JOB_KIND, "asked_by": by, "arguments": arguments}
    just_asked = Job.objects.filter(
        **asked, state=JobState.WAITING, asked_at__gte=timezone.now() - timedelta(minutes=1)
    ).first()
    return just_asked or Job.objects.create(**asked)


def build_asked(*, job: Job) -> None:
    """Build the report that `job` asks for. The caller sees to it that nobody else works on the same job.

    A job that is over is left alone. One that an earlier worker left half-done starts again. Raises only what a
    later attempt may get past: a database that does not answer.
    """
    if job.is_over:
        return
    try:
        report = begin(job)
        with storage.workshop(report) as folder:
            finish(report, job, folder, _build(report, job, folder))
    except (OperationalError, InterfaceError):
        raise
    except REFUSALS as refusal:
        _give_up(job, str(refusal))
    except Exception:
        logger.exception("Job %s: the report could not be built.", job.pk)
        _give_up(job, f"The report could not be built. A developer finds the cause in the log under job {job.pk}.")


def begin(job: Job) -> Report:
    """Mark the job as running, and take up its report or make the row of a new one."""
    attempts = job.arguments.get("attempts", 0) + 1
    if attempts > MOST_ATTEMPTS:
        raise NotBuilt(f"The worker stopped {MOST_ATTEMPTS} times while it built this report. Ask a developer.")
    with transaction.atomic():
        report = _report_of(job) or _new_report(job)
        job.arguments |= {"attempts": attempts, "report": report.pk}
        job.state, job.started_at = JobState.RUNNING, timezone.now()
        job.save(update_fields=["arguments", "state", "started_at"])
    storage.set_aside_unfinished(report)
    return report


def _report_of(job: Job) -> Report | None:
    pk = job.arguments.get("report")
    return Report.objects.get(pk=pk) if pk else None


def _new_report(job: Job) -> Report:
    role = access.role_anywhere(job.asked_by, Permission.BUILD_REPORT)
    cut = date.fromisoformat(job.arguments["cut"])
    with history(by=job.asked_by, role=role.code, reason="Report asked for"):
        number, version = _next_number(job.arguments.get("number"))
        return Report.objects.create(number=number, version=version, cut=cut)


def _next_number(number: int | None) -> tuple[int, int]:
    """The next report, or the next version of one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", NUMBERS_LOCK)
    taken = Report.objects.exclude(state=ReportState.FAILED)
    if number is None:
        return (taken.aggregate(last=Max("number"))["last"] or 0) + 1, 1
    return number, (taken.filter(number=number).aggregate(last=Max("version"))["last"] or 0) + 1


def _build(report: Report, job: Job, folder: Path) -> BuiltReport:
    # The statistics take seconds to import: here, and not where a page asks for a report.
    from reports.report import Meta, build

    meta = Meta(number=report.number, version=report.version, built_by=job.asked_by.full_name, built_at=timezone.now())
    return build(cut=report.cut, freeze=None, out=folder, meta=meta, progress=job.report)


def finish(report: Report, job: Job, folder: Path, built: BuiltReport) -> None:
    """Rows and files together: the files move last, so that a refusal of the database leaves none behind."""
    role = access.role_anywhere(job.asked_by, Permission.BUILD_REPORT)
    check_report_step(report.state, ReportState.DRAFT)
    with history(by=job.asked_by, role=role.code, reason="Report built"):
        ReportFile.objects.bulk_create(
            ReportFile(report=report, part=file.part, name=file.name, sha256=file.sha256, size=file.size)
            for file in built.files
        )
        report.state, report.freeze, report.snapshot_sha256 = ReportState.DRAFT, built.freeze, built.snapshot_sha256
        report.folder, report.built_by, report.built_at = storage.folder_name(report), job.asked_by, timezone.now()
        report.save()
        job.finish(result_url=report.get_absolute_url())
        storage.put_in_place(folder, report)


def _give_up(job: Job, sentence: str) -> None:
    """Say why there is no report; its number goes to the next one."""
    job.refresh_from_db()
    report = _report_of(job)
    if report and report.state == ReportState.BUILDING:
        role = access.roles_of(job.asked_by)
        with history(by=job.asked_by, role=role[0].code if role else "", reason="The build failed"):
            report.state = ReportState.FAILED
            report.save(update_fields=["state"])
    job.finish(error=sentence)
