"""Serious adverse events that wait: for a signature, and for the safety officer's review."""

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from trial import access, signatures
from trial.models import FormRecord, ReviewKind, ReviewMark, User
from trial.permissions import Permission as P
from trial.worklists import Line, Narrow, Rows, Source, WorkList
from trial.worklists.lists import narrowed
from trial.worklists.signing import form_lines

SAE = "serious_adverse_event"


def _saes(user: User, narrow: Narrow) -> QuerySet[FormRecord]:
    rows = access.forms(user).filter(crf_code=SAE, deleted_at=None)
    return narrowed(rows.select_related("subject", "site", "visit").order_by("created_at", "id"), narrow)


def unsigned(user: User, narrow: Narrow) -> Source | None:
    """For the investigators who sign them and for those who wait for it."""
    if not any(access.may_anywhere(user, each) for each in (P.SIGN, P.CLOSE_ANY_QUERY, P.REVIEW_SAFETY)):
        return None
    return Rows(_saes(user, narrow).exclude(signatures.is_signed()), _unsigned)


def _unsigned(records: list[FormRecord]) -> list[Line]:
    return form_lines(records, status="overdue", word="Not signed")


def to_review(user: User, narrow: Narrow) -> Source | None:
    """Those not wholly reviewed since their last change."""
    if not access.may_anywhere(user, P.REVIEW_SAFETY):
        return None
    newest = ReviewMark.objects.filter(record=OuterRef("record"), kind=ReviewKind.MEDICAL).order_by("-id")
    reviewed = ReviewMark.objects.filter(
        record=OuterRef("pk"), kind=ReviewKind.MEDICAL, whole=True, pk=Subquery(newest.values("pk")[:1])
    )
    return Rows(_saes(user, narrow).exclude(Exists(reviewed)), _unreviewed)


def _unreviewed(records: list[FormRecord]) -> list[Line]:
    return form_lines(records, status="due", word="To review")


LISTS = (
    WorkList(
        slug="sae-to-review",
        title="Serious adverse events to review",
        empty_text="Every serious adverse event has been reviewed as it stands.",
        find=to_review,
    ),
    WorkList(
        slug="sae-unsigned",
        title="Serious adverse events without signature",
        empty_text="Every serious adverse event is signed.",
        find=unsigned,
    ),
)
