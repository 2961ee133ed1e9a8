"""Subjects whose parents have to sign a newer version of the consent form (ICH E6(R3) 2.8)."""

from datetime import date
from typing import Any

from django.db.models import Case, DateField, Exists, F, OuterRef, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.urls import reverse

from patients.crfs.consent import Consent
from patients.protocol import CONSENT_VERSIONS, consent_version_in_force, reconsent_due_since
from trial import access, clock
from trial.lifecycle import SubjectState
from trial.models import FormRecord, Subject, User
from trial.permissions import Permission as P
from trial.worklists import Line, Narrow, Rows, Source, WorkList, days_waited

IN_NO_NEED = ("death", "disposition")  # whoever died or left the trial is asked no more


def reconsent_due(user: User, narrow: Narrow) -> Source | None:
    """For who asks the parents, and for who looks after the data."""
    asks = access.may_anywhere(user, P.ENROL)
    if not asks and not access.may_anywhere(user, P.CLOSE_ANY_QUERY):
        return None
    subjects = access.subjects(user).filter(number__icontains=narrow.number)
    subjects = subjects.filter(site__number=narrow.site) if narrow.site else subjects
    rows = outdated(subjects, clock.today()).select_related("record__subject__site")
    return Rows(rows, lambda found: [_line(consent, asks) for consent in found])


def outdated(subjects: QuerySet[Subject], today: date) -> QuerySet[Consent]:
    """The newest consent of each subject in the trial where it is of an older version than that of `today`.

    With `due_since`; the longest waiting first. A consent without date or version has a query of its own.
    """
    dated = Consent.objects.filter(record__deleted_at=None, icdat__isnull=False, icver__isnull=False)
    newest = dated.order_by("record__subject_id", "-icdat", "-record_id").distinct("record__subject_id")
    over = FormRecord.objects.filter(subject=OuterRef("record__subject"), crf_code__in=IN_NO_NEED, deleted_at=None)
    return (
        Consent.objects.filter(pk__in=newest.values("pk"), record__subject__in=subjects)
        .exclude(record__subject__state=SubjectState.SCREEN_FAILED)
        .filter(~Exists(over))
        .annotate(newer_since=_since(today))
        .exclude(newer_since=None)
        .annotate(due_since=Greatest(F("newer_since"), F("icdat")))
        .order_by("due_since", "record__subject__number")
    )


def _since(today: date) -> Case:
    """The day from which a newer version was to be signed than that of the consent."""
    known = {version: reconsent_due_since(version, today) for version in CONSENT_VERSIONS}
    return Case(
        *(When(icver=version, then=Value(since)) for version, since in known.items()),
        default=Value(reconsent_due_since("", today)),
        output_field=DateField(),
    )


def _line(consent: Any, asks: bool) -> Line:
    """consent: a row of `outdated`."""
    subject, in_force = consent.record.subject, consent_version_in_force(clock.today())
    again = reverse("form-new", args=[subject.number, "consent"])
    return Line(
        url=again if asks else reverse("casebook", args=[subject.number]),
        text=f"{subject.number}: version {consent.icver} signed, {in_force} is in force",
        status="overdue",
        word="Re-consent due",
        waited=days_waited(consent.due_since),
        subject=subject.number,
        site=subject.site.number,
        since=consent.due_since,
    )


LISTS = (
    WorkList(
        slug="reconsent-due",
        title="Re-consent due",
        empty_text="The parents of every subject have signed the version of the consent form that is in force.",
        find=reconsent_due,
    ),
)
