from datetime import UTC, date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails
from kombu.exceptions import OperationalError as QueueSilent

from reports import access, actions, storage, tasks, unsigned
from reports.contents import description, is_unmarked, reading_order
from reports.cuts import WrongCut, check_cut
from reports.lifecycle import ReportState
from reports.models import Report, ReportFile
from reports.parts import Part
from reports.render import RenderInput, page
from trial.models import Job, JobState, User
from trial.views import jobs


class Request(HttpRequest):
    """Who is not signed in never gets here (trial.views.middleware); htmx comes with its middleware."""

    user: User
    htmx: HtmxDetails


STATUS = {
    ReportState.DRAFT: ("in_progress", "Draft"),
    ReportState.CHECKED: ("verified", "Checked"),
    ReportState.RELEASED: ("signed", "Released"),
    ReportState.SUPERSEDED: ("signature_void", "Superseded"),
}
JOB_STATUS = {
    JobState.WAITING: ("due", "Waiting"),
    JobState.RUNNING: ("in_progress", "Running"),
    JobState.DONE: ("complete", "Done"),
    JobState.FAILED: ("overdue", "Failed"),
}
JOBS_SHOWN = 5


class BuildForm(forms.Form):
    cut = forms.DateField(
        label="Data cut",
        help_text="The last day whose events count. What was entered up to the moment of the build is used.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "Write the cut as year-month-day, for example 2022-08-31."},
    )

    def clean_cut(self) -> date:
        cut = self.cleaned_data["cut"]
        try:
            check_cut(cut, now=timezone.now())
        except WrongCut as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return cut


@require_safe
def reports(request: Request) -> HttpResponse:
    """The reports that this user may read; a statistician builds from here."""
    access.check_reads_reports(request.user)
    return _list(request, BuildForm(initial={"cut": timezone.now().date()}))


def _list(request: Request, form: BuildForm, status: int = 200) -> HttpResponse:
    can_build = access.makes_reports(request.user)
    context = {
        "lines": [_line(report) for report in access.reports(request.user)],
        "can_build": can_build,
        "unsigned": unsigned.context() if can_build else None,
        "form": form,
        "jobs": [_job_line(job) for job in access.listed_jobs(request.user)[:JOBS_SHOWN]],
    }
    return render(request, "reports/reports.html", context, status=status)


def _line(report: Report) -> dict[str, Any]:
    status, word = STATUS[ReportState(report.state)]
    return {"report": report, "status": status, "word": word}


def _job_line(job: Job) -> dict[str, Any]:
    status, word = JOB_STATUS[JobState(job.state)]
    return {"job": job, "cut": date.fromisoformat(job.arguments["cut"]), "status": status, "word": word}


@require_POST
def build(request: Request) -> HttpResponse:
    access.check_makes_reports(request.user)
    form = BuildForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    return _ask(request, cut=form.cleaned_data["cut"])


@require_POST
def build_again(request: Request, number: int, version: int) -> HttpResponse:
    """The next version of a report, with what has been entered since."""
    access.check_makes_reports(request.user)
    report = access.get_report(request.user, number, version)
    return _ask(request, cut=report.cut, number=report.number)


def _ask(request: Request, *, cut: date, number: int | None = None) -> HttpResponse:
    job = actions.ask_for_report(by=request.user, cut=cut, number=number)
    try:
        tasks.build_report.delay(job.pk)
    except QueueSilent:
        job.finish(error="The queue does not answer, so nothing was started. Ask again in some minutes.")
    return redirect("report-job", job.pk)


@require_safe
def job(request: Request, pk: int) -> HttpResponse:
    """How far a build has come: the component alone for htmx, a page with a link to refresh for the rest."""
    found = access.get_job(request.user, pk)
    context = {"job": found, "progress": _progress(found), "crumbs": _crumbs("Build")}
    return jobs.show(request, "reports/job.html", context, is_part=bool(request.htmx))


def _progress(job: Job) -> dict[str, Any]:
    return jobs.progress(
        job,
        url=reverse("report-job", args=[job.pk]),
        done="The report is built.",
        running=job.step or "Started",
        result_text="Open the report" if job.state == JobState.DONE else "",
    )


@require_safe
def report(request: Request, number: int, version: int) -> HttpResponse:
    """One report: what it stands on, its files, and the next step for this user."""
    found = access.get_report(request.user, number, version)
    status, word = STATUS[ReportState(found.state)]
    files = sorted(found.files.all(), key=lambda file: reading_order(file.name))
    context = {
        "report": found,
        "status": status,
        "word": word,
        "facts": _facts(found),
        "parts": [{"part": part, "files": [_file_line(file) for file in files if file.part == part]} for part in Part],
        "can_preview": access.makes_reports(request.user),
        "can_build": access.makes_reports(request.user),
        "can_check": actions.can_check(request.user, found),
        "can_release": actions.can_release(request.user, found),
        "waits_for_another": found.state == ReportState.DRAFT and found.built_by_id == request.user.pk,
        "crumbs": _crumbs(f"Report {number}, version {version}"),
    }
    return render(request, "reports/report.html", context)


def _file_line(file: ReportFile) -> dict[str, Any]:
    return {"file": file, "description": description(file.name), "is_unmarked": is_unmarked(file.name)}


def _facts(report: Report) -> list[dict[str, str]]:
    facts = [
        ("Data cut", f"{report.cut:%d-%b-%Y}"),
        ("Entered by", _moment(report.freeze)),
        ("Not signed then", unsigned.in_words(report.freeze) if report.freeze else ""),
        ("Built", _who(report.built_by, report.built_at)),
        ("Checked", _who(report.checked_by, report.checked_at)),
        ("Released", _who(report.released_by, report.released_at)),
        ("Superseded", _moment(report.superseded_at)),
        ("Snapshot, SHA-256", report.snapshot_sha256),
    ]
    return [{"label": label, "value": value} for label, value in facts if value]


def _moment(moment: Any) -> str:
    return f"{moment.astimezone(UTC):%d-%b-%Y %H:%M} UTC" if moment else ""


def _who(person: Any, moment: Any) -> str:
    return f"{_moment(moment)}, {person.full_name}" if person else ""


def _crumbs(label: str) -> list[dict[str, str]]:
    return [{"label": "Reports", "url": reverse("reports")}, {"label": label, "url": ""}]


@require_safe
def preview(request: Request, number: int, version: int) -> HttpResponse:
    """The tables and figures of both parts as the files show them, for statisticians."""
    access.check_makes_reports(request.user)
    found = access.get_report(request.user, number, version)
    parts = [_shown(storage.read_document(found, part)) for part in Part]
    crumbs = _crumbs(str(found))
    crumbs[1]["url"] = found.get_absolute_url()
    crumbs.append({"label": "Preview", "url": ""})
    return render(request, "reports/preview.html", {"report": found, "parts": parts, "crumbs": crumbs})


def _shown(document: RenderInput) -> dict[str, Any]:
    return {
        "part": document.part,
        "tables": [page.table_context(table) for table in document.tables],
        "figures": [page.figure_context(figure) for figure in document.figures],
    }


@require_POST
def check(request: Request, number: int, version: int) -> HttpResponse:
    access.check_makes_reports(request.user)
    found = access.get_report(request.user, number, version)
    actions.mark_as_checked(report=found, by=request.user)
    messages.success(request, f"{found} is marked as checked. It can be released now.")
    return redirect(found)


@require_POST
def release(request: Request, number: int, version: int) -> HttpResponse:
    access.check_makes_reports(request.user)
    found = access.get_report(request.user, number, version)
    actions.release(report=found, by=request.user)
    messages.success(request, f"{found} is released. The board is told by mail, without a word of content.")
    return redirect(found)


@require_safe
def download(request: Request, pk: int) -> HttpResponse:
    file = access.get_file(request.user, pk)
    return _attachment(actions.download_file(file=file, by=request.user, request=request))


@require_safe
def download_part(request: Request, number: int, version: int, part: str) -> HttpResponse:
    found = access.get_report(request.user, number, version)
    if part not in (known.lower() for known in Part):
        raise Http404("A report has an open and a closed part.")
    return _attachment(actions.download_part(report=found, part=Part(part.upper()), by=request.user, request=request))


def _attachment(file: actions.Download) -> HttpResponse:
    """Bytes to keep, not to show: nothing of a report runs or is cached in a browser."""
    return HttpResponse(
        file.content,
        headers={
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Cache-Control": "private, no-store",
        },
    )
