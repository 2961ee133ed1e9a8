"""Which reports, files and jobs a user may see. For everyone else there is nothing to be found: 404."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from reports.lifecycle import READABLE_BY_THE_BOARD, ReportState
from reports.models import Report, ReportFile
from trial import access
from trial.models import Job, JobState, User
from trial.permissions import Permission as P
from trial.roles import Role

JOB_KIND = "interim report"


def makes_reports(user: User) -> bool:
    return access.may_anywhere(user, P.BUILD_REPORT)


def reads_reports(user: User) -> bool:
    return access.may_anywhere(user, P.READ_CLOSED_REPORT)


def may_open_corrections(user: User) -> bool:
    """Who opens locked forms sees what has changed since a report, not what it says."""
    return access.may_anywhere(user, P.LOCK)


def reader_role(user: User) -> Role:
    """The role as which the user reads reports."""
    return access.role_anywhere(user, P.READ_CLOSED_REPORT)


def reports(user: User) -> QuerySet[Report]:
    """Statisticians see every report that has files; the board what was released; nobody else anything."""
    rows = Report.objects.select_related("built_by", "checked_by", "released_by")
    if not reads_reports(user):
        return rows.none()
    if makes_reports(user):
        return rows.exclude(state__in=[ReportState.BUILDING, ReportState.FAILED])
    return rows.filter(state__in=READABLE_BY_THE_BOARD)


def jobs(user: User) -> QuerySet[Job]:
    """The user's own: how far a build has come, and why it failed, is for who asked for it."""
    if not makes_reports(user):
        return Job.objects.none()
    return Job.objects.filter(kind=JOB_KIND, asked_by=user)


def listed_jobs(user: User) -> QuerySet[Job]:
    """The user's builds that still tell something: one that failed does until the next is asked for."""
    own = jobs(user)
    newer = own.filter(pk__gt=OuterRef("pk"))
    return own.exclude(Exists(newer), state=JobState.FAILED)


def get_report(user: User, number: int, version: int) -> Report:
    return _get(reports(user), number=number, version=version)


def get_file(user: User, pk: int) -> ReportFile:
    rows = ReportFile.objects.filter(report__in=reports(user)).select_related("report")
    return _get(rows, pk=pk)


def get_job(user: User, pk: int) -> Job:
    return _get(jobs(user), pk=pk)


def check_reads_reports(user: User) -> None:
    """Raise Http404 for those to whom the place is not shown."""
    if not reads_reports(user):
        raise Http404("There is nothing here.")


def check_makes_reports(user: User) -> None:
    if not makes_reports(user):
        raise Http404("There is nothing here.")


def _get(rows: QuerySet[Any], **lookup: Any) -> Any:
    found = rows.filter(**lookup).first()
    if found is None:
        raise Http404("There is nothing here, or it is not for your role.")
    return found
