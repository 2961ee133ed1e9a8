"""From draft to the board: checked by a second statistician, released, and the version before it superseded."""

from functools import partial

from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from reports import storage
from reports.lifecycle import REPORT_STEPS, ReportState, check_report_step
from reports.models import Report
from reports.roles import BOARD
from trial import access, access_log
from trial.history import history
from trial.lifecycle import WrongState
from trial.models import Membership, User
from trial.permissions import Permission
from trial.roles import Role


def can_check(user: User, report: Report) -> bool:
    return _has_step(report, ReportState.CHECKED) and not _why_not_check(user, report)


def can_release(user: User, report: Report) -> bool:
    may = access.may_anywhere(user, Permission.RELEASE_REPORT)
    return may and _has_step(report, ReportState.RELEASED) and not _newer_released(report)


def _has_step(report: Report, to: ReportState) -> bool:
    return (ReportState(report.state), to) in REPORT_STEPS


def _why_not_check(user: User, report: Report) -> str:
    if not access.may_anywhere(user, Permission.BUILD_REPORT):
        return "Only a statistician checks a report."
    if report.built_by_id == user.pk:
        return "You built this report; another statistician checks it."
    return ""


def mark_as_checked(*, report: Report, by: User) -> None:
    """Say that `by` has checked a draft. Raises PermissionDenied (also for who built it), WrongState."""
    role = access.role_anywhere(by, Permission.BUILD_REPORT)
    with history(by=by, role=role.code, reason="Checked by a second statistician"):
        report = Report.objects.select_for_update().get(pk=report.pk)
        check_report_step(report.state, ReportState.CHECKED)
        if refusal := _why_not_check(by, report):
            raise PermissionDenied(refusal)
        report.state, report.checked_by, report.checked_at = ReportState.CHECKED, by, timezone.now()
        report.save(update_fields=["state", "checked_by", "checked_at"])


def release(*, report: Report, by: User) -> None:
    """Hand a checked report to the board, and tell it so without a word of content.

    The released version of the same number is superseded. Raises PermissionDenied, WrongState (also where a file is
    not what was built).
    """
    role = access.role_anywhere(by, Permission.RELEASE_REPORT)
    with history(by=by, role=role.code, reason="Released to the board"):
        versions = list(Report.objects.select_for_update().filter(number=report.number))
        report = next(version for version in versions if version.pk == report.pk)
        check_report_step(report.state, ReportState.RELEASED)
        _check_is_newest(report)
        storage.check_whole(report)
        _supersede([version for version in versions if version.state == ReportState.RELEASED])
        report.state, report.released_by, report.released_at = ReportState.RELEASED, by, timezone.now()
        report.save(update_fields=["state", "released_by", "released_at"])
        _log_release(report, by, role)
        # Mail that cannot be sent does not take the release back; the log says so.
        transaction.on_commit(partial(_tell_board, report), robust=True)


def _newer_released(report: Report) -> bool:
    newer = Report.objects.filter(number=report.number, version__gt=report.version)
    return newer.filter(state__in=[ReportState.RELEASED, ReportState.SUPERSEDED]).exists()


def _check_is_newest(report: Report) -> None:
    if _newer_released(report):
        raise WrongState(f"A newer version of report {report.number} is released already; this one comes too late.")


def _supersede(reports: list[Report]) -> None:
    for report in reports:
        report.state, report.superseded_at = ReportState.SUPERSEDED, timezone.now()
        report.save(update_fields=["state", "superseded_at"])


def _log_release(report: Report, by: User, role: Role) -> None:
    access_log.record(
        user=by, event="report released", target=str(report), role=role.code, sha256=report.snapshot_sha256
    )


def _tell_board(report: Report) -> None:
    """One mail to each member: a mail's list of recipients would name the board."""
    members = Membership.in_force(timezone.now().date()).filter(role_code__in=BOARD, user__is_active=True)
    for address in sorted(set(members.values_list("user__email", flat=True))):
        send_mail(
            f"{report} is ready for you",
            f"{report}, is ready for the monitoring board.\nSign in and open Reports to download it. "
            "This mail says nothing of its content, and each download is logged.",
            None,
            [address],
        )
