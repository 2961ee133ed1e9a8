"""Look through a part of the audit trail, and say so."""

from datetime import datetime

from django.utils import timezone

from trial import access, audit_review
from trial.history import history
from trial.lifecycle import WrongState
from trial.models import AuditReview, User
from trial.permissions import Permission


def review_audit(*, by: User, kind: str, through: datetime, note: str = "") -> AuditReview:
    """Mark the changes of one kind up to `through`, which the person was shown, as looked through.

    Raises PermissionDenied unless `by` reviews the trail; WrongState for an unknown kind, a moment that lies ahead, or
    one that another review has passed.
    """
    role = access.role_for(by, Permission.REVIEW_AUDIT)
    known = {found.code: found for found in audit_review.KINDS}
    if kind not in known or through > timezone.now():
        raise WrongState("Nothing was marked: reload the page and mark what it shows.")
    section = audit_review.section(known[kind], through=through)
    if section.since and section.since >= through:
        raise WrongState("These changes were marked as reviewed meanwhile. Reload the page.")
    last = section.lines[-1].at if section.more else through  # what the page had no room for is not reviewed yet
    with history(by=by, role=role.code):
        return AuditReview.objects.create(
            kind=kind, through=last, changes=len(section.lines), note=note.strip(), by=by, role=role.code
        )
