"""Runs of all checks over all data: how far one is, and what it opened and closed."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError as QueueSilent

from trial import access, tasks
from trial.actions.checks import JOB_KIND, ask_for_run, source_of
from trial.crf import check_list
from trial.history import history_model
from trial.lifecycle import QueryState
from trial.models import Job, JobState, Query, Subject
from trial.permissions import Permission as P
from trial.views import jobs
from trial.views.request import SignedInRequest

PAGE = 50
SHOWN = 500  # single queries of a run; the sums count all
STATUS = {
    JobState.WAITING: ("due", "Waiting"),
    JobState.RUNNING: ("in_progress", "Running"),
    JobState.DONE: ("complete", "Done"),
    JobState.FAILED: ("overdue", "Ended with an error"),
}


@require_safe
def check_runs(request: SignedInRequest) -> HttpResponse:
    """All runs, newest first."""
    access.role_anywhere(request.user, P.VIEW_AUDIT)
    page = Paginator(Job.objects.filter(kind=JOB_KIND).select_related("asked_by"), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "lines": [_job_line(job) for job in page],
        "can_run": access.may_anywhere(request.user, P.CLOSE_ANY_QUERY),
        "crumbs": [{"label": "Queries", "url": reverse("queries")}, {"label": "Runs of checks", "url": ""}],
    }
    return render(request, "trial/check_runs.html", context)


def _job_line(job: Job) -> dict[str, Any]:
    status, word = STATUS[JobState(job.state)]
    return {"job": job, "status": status, "word": word, "asked": _moment(job.asked_at), "ended": _moment(job.ended_at)}


def _moment(moment: datetime | None) -> str:
    return f"{moment:%d-%b-%Y %H:%M} UTC" if moment else ""


@require_POST
def run_now(request: SignedInRequest) -> HttpResponse:
    """Ask for a run; one that is on its way is shown instead."""
    job = ask_for_run(by=request.user)
    if job.state == JobState.WAITING:
        try:
            tasks.run_nightly_checks.delay(job.pk)
        except QueueSilent:
            job.finish(error="The queue does not answer, so nothing was started. Ask again in some minutes.")
    else:
        messages.info(request, "This run was on its way already.")
    return redirect("check-run", job.pk)


@require_safe
def check_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """One run: how far it is (the component alone for htmx), and what it has done so far."""
    access.role_anywhere(request.user, P.VIEW_AUDIT)
    job = Job.objects.filter(pk=pk, kind=JOB_KIND).select_related("asked_by").first()
    if job is None:
        raise Http404("There is no such run.")
    is_part = request.headers.get("HX-Request") == "true"
    context: dict[str, Any] = {"job": job, "progress": _progress(job)}
    if not is_part:
        context["progress"]["result_url"] = ""  # it stands on this very page
        context |= _report(job)
        runs = {"label": "Runs of checks", "url": reverse("check-runs")}
        context["crumbs"] = [{"label": "Queries", "url": reverse("queries")}, runs, {"label": f"Run {pk}", "url": ""}]
    return jobs.show(request, "trial/check_run.html", context, is_part=is_part)


def _progress(job: Job) -> dict[str, Any]:
    return jobs.progress(
        job,
        url=reverse("check-run", args=[job.pk]),
        done=f"Done: {job.total} subject{'' if job.total == 1 else 's'} checked.",
        running=f"{job.step}, {job.done} of {job.total}" if job.step else "Started",
        result_text="What it did" if job.result_url else "",
    )


# --- what it did -------------------------------------------------------------------------------------------------


def _report(job: Job) -> dict[str, Any]:
    """Per check and per subject what the run opened and closed: from history, which names the run."""
    rows = history_model(Query).objects.filter(pgh_source=source_of(job)).order_by("pgh_id")
    if job.started_at:
        rows = rows.filter(pgh_created_at__gte=job.started_at)
    changes = list(rows.values_list("pgh_label", "state", "check_code", "subject_id", "pgh_obj_id"))
    subjects = dict(Subject.objects.filter(pk__in={row[3] for row in changes}).values_list("pk", "number"))
    steps = [(_step(label, state), code, subjects[subject], pk) for label, state, code, subject, pk in changes]
    return {
        "totals": _counts(step for step, *_ in steps),
        "per_check": _grouped(((code, step) for step, code, *_ in steps), _check),
        "per_subject": _grouped(((number, step) for step, _, number, _ in steps), _subject),
        "opened": [
            {"query": pk, "check": code, "sentence": check_list.sentence(code), "subject": number, "step": step}
            for step, code, number, pk in steps[:SHOWN]
        ],
        "more": max(len(steps) - SHOWN, 0),
    }


def _step(label: str, state: str) -> str:
    if label == "insert":
        return "opened"
    return "closed" if state == QueryState.CLOSED else "asked again"


def _counts(steps: Any) -> dict[str, int]:
    counted = Counter(steps)
    return {name: counted[name.replace("_", " ")] for name in ("opened", "asked_again", "closed")}


def _grouped(pairs: Iterable[tuple[str, str]], told: Callable[[str], dict[str, str]]) -> list[dict[str, Any]]:
    """Name and step -> a line a name, with what else is told of it."""
    found: dict[str, list[str]] = {}
    for name, step in pairs:
        found.setdefault(name, []).append(step)
    return [{"name": name, **told(name), **_counts(steps)} for name, steps in sorted(found.items())]


def _check(code: str) -> dict[str, str]:
    return {
        "sentence": check_list.sentence(code),
        "url": f"{reverse('queries')}?{urlencode({'state': '', 'check_code': code})}",
    }


def _subject(number: str) -> dict[str, str]:
    return {"url": reverse("casebook", args=[number])}
