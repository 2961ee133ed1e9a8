"""How far work in the background is: what every page of a job shows of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from trial.models import Job, JobState


def progress(job: Job, *, url: str, done: str, running: str, result_text: str) -> dict[str, Any]:
    """What components/progress.html shows. url: of the job's page; done, running: what is said then."""
    said = {JobState.WAITING: "Waiting for a worker", JobState.DONE: done, JobState.FAILED: job.error}
    is_done = job.state == JobState.DONE
    return {
        "id": job.pk,
        "url": url,
        "text": said.get(JobState(job.state), running),
        "left": _left(job),
        "value": job.total if is_done else job.done,
        "maximum": max(job.total, 1),
        "running": not job.is_over,
        "failed": job.state == JobState.FAILED,
        "result_url": job.result_url,
        "result_text": result_text,
    }


def _left(job: Job) -> str:
    """What the steps so far took, spread over those to come."""
    if job.state != JobState.RUNNING or not job.started_at or not job.done:
        return ""
    seconds = (timezone.now() - job.started_at).total_seconds() * (job.total - job.done) / job.done
    return f"about {max(round(seconds), 1)} s left"


def show(request: HttpRequest, template: str, context: dict[str, Any], *, is_part: bool) -> HttpResponse:
    """The page, or its component alone for htmx: what the two ask for must not share a place in the browser's cache."""
    response = render(request, "components/progress.html" if is_part else template, context)
    response["Vary"] = "HX-Request"
    response["Cache-Control"] = "no-store"
    return response
