"""Keep what is typed and not saved, and forget it again. No clinical data changes; history says nothing of it."""

from collections.abc import Mapping
from uuid import UUID

from django.utils import timezone

from trial import drafts
from trial.models import Draft, FormRecord, User

OF_ONE_FORM = ["user", "subject", "record", "visit", "crf_code", "row"]


def keep_draft(
    *, record: FormRecord, by: User, address: str, entries: Mapping[str, str], version: int, submission: UUID | None
) -> None:
    """Keep the entries of a form in place of those kept before. One statement.

    address: of the form's page. version: the one that the page had shown, 0 for a new form.
    """
    draft = Draft(
        user=by,
        subject=record.subject,
        record=record if record.pk else None,
        visit=record.visit,
        crf_code=record.crf_code,
        address=address,
        entries=dict(entries),
        version=version,
        submission=submission,
        row=submission if record.pk is None and record.visit_id is None else None,
    )
    renewed = ["address", "entries", "version", "submission", "typed_at"]
    Draft.objects.bulk_create([draft], update_conflicts=True, unique_fields=OF_ONE_FORM, update_fields=renewed)


def forget_draft(*, submission: UUID | None, by: User) -> None:
    """What was typed is saved now."""
    if submission is not None:
        Draft.objects.filter(user=by, submission=submission).delete()


def forget_drafts(*, by: User) -> None:
    """Nothing typed stays behind when somebody signs out."""
    Draft.objects.filter(user=by).delete()


def forget_old_drafts() -> int:
    """Drafts older than a day; returns how many."""
    return Draft.objects.filter(typed_at__lte=timezone.now() - drafts.KEPT_FOR).delete()[0]
