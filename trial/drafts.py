"""What somebody has typed and not saved: nobody else sees it, and it is gone after a day."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from trial import access
from trial.history import history_model
from trial.models import Draft, FormRecord, User

KEPT_FOR = timedelta(days=1)


def standing(user: User) -> QuerySet[Draft]:
    """The user's drafts, newest first: none older than a day, none whose submit has saved meanwhile."""
    saved = history_model(FormRecord).objects.filter(submission=OuterRef("submission"))
    return Draft.objects.filter(~Exists(saved), user=user, typed_at__gt=timezone.now() - KEPT_FOR)


def of(user: User) -> list[Draft]:
    """The user's drafts at the sites that are still theirs, with subject and visit. One statement."""
    at_their_sites = standing(user).filter(subject__in=access.subjects(user))
    return list(at_their_sites.select_related("subject", "visit"))


def of_form(user: User, record: FormRecord, named: str = "") -> Draft | None:
    """What the user typed into this form: one saved by now, too, where it was new when they typed. One statement.

    named: the id of a draft, which is taken before newer ones; a log may have several of new rows.
    """
    as_new = Q(record=None, subject=record.subject_id, visit=record.visit_id, crf_code=record.crf_code)
    here = Q(record=record) if record.pk else as_new
    if record.pk and record.visit_id:
        here |= as_new
    found = list(standing(user).filter(here))
    return next((draft for draft in found if str(draft.pk) == named), found[0] if found else None)


def address(draft: Draft, page: str = "") -> str:
    """Where the draft is taken up: at the page where it was typed, or at `page`."""
    page = page or draft.address
    return f"{page}{'&' if '?' in page else '?'}draft={draft.pk}"
