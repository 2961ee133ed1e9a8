"""What waits for statisticians and for the board on their home page."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from reports import access
from reports.actions.downloads import DOWNLOAD
from reports.lifecycle import ReportState
from reports.models import Report
from trial.models import AccessEvent, JobState, User
from trial.worklists import Line, Section, SectionMaker, days_waited

# A build that failed longer ago is no news; its job still says why.
FAILURE_SHOWN = timedelta(days=7)


def drafts_to_check(user: User) -> Section | None:
    """Drafts of others: nobody checks what they built themselves."""
    if not access.makes_reports(user):
        return None
    drafts = access.reports(user).filter(state=ReportState.DRAFT).exclude(built_by=user)
    return Section(
        title="Reports to check",
        lines=tuple(_line(report, report.built_at, "Draft", "in_progress") for report in drafts),
        empty_text="No draft of another statistician waits for your check.",
    )


def reports_to_release(user: User) -> Section | None:
    if not access.makes_reports(user):
        return None
    checked = access.reports(user).filter(state=ReportState.CHECKED)
    return Section(
        title="Reports to release",
        lines=tuple(_line(report, report.checked_at, "Checked", "verified") for report in checked),
        empty_text="No checked report waits for its release.",
    )


def failed_builds(user: User) -> Section | None:
    failed = access.listed_jobs(user).filter(state=JobState.FAILED, ended_at__gte=timezone.now() - FAILURE_SHOWN)
    lines = tuple(
        Line(
            url=reverse("report-job", args=[job.pk]),
            text=f"Report as of {job.arguments['cut']}: {job.error}",
            status="overdue",
            word="Failed",
            waited=days_waited(job.ended_at) if job.ended_at else "",
        )
        for job in failed
    )
    return Section(title="Reports that could not be built", lines=lines, empty_text="") if lines else None


def new_for_the_board(user: User) -> Section | None:
    """Released reports of which this member has downloaded nothing yet."""
    if access.makes_reports(user) or not access.reads_reports(user):
        return None
    targets = AccessEvent.objects.filter(user=user, event=DOWNLOAD).values_list("target", flat=True)
    taken = {target.partition(":")[0] for target in targets.distinct()}
    released = access.reports(user).filter(state=ReportState.RELEASED)
    return Section(
        title="New reports",
        lines=tuple(_line(r, r.released_at, "Released", "due") for r in released if str(r) not in taken),
        empty_text=_nothing_new(user),
    )


def _nothing_new(user: User) -> str:
    if access.reports(user).exists():
        return "You have downloaded every released report."
    return "No report has been released yet."


def _line(report: Report, since: datetime | None, word: str, status: str) -> Line:
    return Line(
        url=report.get_absolute_url(),
        text=f"{report}, data cut {report.cut:%d-%b-%Y}",
        status=status,
        word=word,
        waited=days_waited(since) if since else "",
    )


SECTIONS: tuple[SectionMaker, ...] = (drafts_to_check, reports_to_release, failed_builds, new_for_the_board)
