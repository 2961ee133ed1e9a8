"""The archive of a subject: a copy for the investigator's own keeping, one press away."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from trial import access, clock
from trial.exports import subject_archive
from trial.models import Subject
from trial.views import panels
from trial.views.request import SignedInRequest


@require_GET  # not HEAD: each answer is a download on record
def subject_archive_zip(request: SignedInRequest, number: str) -> HttpResponse:
    """Everything of one subject as a zip."""
    subject = access.get_subject(request.user, number)
    archive = subject_archive.download(subject=subject, by=request.user, request=request)
    headers = {
        "Content-Disposition": f'attachment; filename="{archive.name}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(archive.content, content_type="application/zip", headers=headers)


def _casebook_links(request: SignedInRequest, subject: Subject) -> list[dict[str, str]]:
    """Not on a page of the past: the archive is of today."""
    if clock.shown_moment() is not None or not subject_archive.can_download(request.user, subject):
        return []
    return [{"label": "Archive of this subject", "url": reverse("subject-archive", args=[subject.number])}]


panels.add_casebook_links(_casebook_links)
