"""A form is opened for a save: begun, or locked; a submit that was saved before is known again."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction

from trial import locks
from trial.actions import submissions
from trial.actions.saves import Refused, Save, VersionConflict
from trial.history import history_model
from trial.models import FormRecord, Subject, User


def open_form(record: FormRecord, by: User, expected_version: int | None, submission: UUID | None) -> Save:
    if record.pk is None:
        return _begin(record, by, submission)
    locked = lock_row(record)
    if locked.deleted_at is not None:
        raise PermissionDenied("This form was deleted; it cannot be changed.")
    is_stale = expected_version != locked.version
    if submission and (is_stale or submission == locked.submission) and (sent := _sent_before(locked, by, submission)):
        return sent
    row = locked.spec.model.objects.get(pk=locked.pk)
    if is_stale and expected_version is not None:
        raise VersionConflict(locked, row)
    return Save(record=locked, row=row, is_new=False)


def _begin(record: FormRecord, by: User, submission: UUID | None) -> Save:
    record.submission = submission
    try:
        record = _insert(record, by)
    except VersionConflict as taken:
        if sent := _sent_before(taken.record, by, submission):
            return sent
        raise
    row = record.spec.model(record=record, site_id=record.site_id)
    return Save(record=record, row=row, is_new=True)


def _sent_before(record: FormRecord, by: User, submission: UUID | None) -> Save | None:
    first = submissions.first(record, submission, by)
    if first is None:
        return None
    return Save(record=record, row=first.row, is_new=False, sent_before_at=first.at)


def lock_row(record: FormRecord) -> FormRecord:
    """The form as the save before this one left it. Who saved it last is not joined: where that changes while this
    waits, PostgreSQL holds the new row against the person joined before, and would find no form.
    """
    return (
        # The subject too: checks between forms look at all of them, so its saves take turns.
        FormRecord.objects.select_for_update(of=("self", "subject"), no_key=True)
        .select_related("subject__site", "site", "visit")
        .get(pk=record.pk)
    )


def _insert(record: FormRecord, by: User) -> FormRecord:
    record.created_by = record.updated_by = by
    Subject.objects.select_for_update(no_key=True).only("pk").get(pk=record.subject_id)  # saves of a subject take turns
    if record.spec.log and record.visit_id is None and record.sequence == 1:
        record.sequence = _next_in_log(record, by)
    try:
        with transaction.atomic(), locks.refusals():
            record.save(force_insert=True)
    except IntegrityError as error:
        record.pk = None
        place = {"subject": record.subject, "visit": record.visit, "crf_code": record.crf_code}
        existing = _with_names().filter(**place, sequence=record.sequence).first()
        if existing is None:
            raise Refused({"": ["This row was imported already; it cannot be added twice."]}) from error
        if existing.deleted_at is not None:  # keeps its place in the history; the form is entered anew beside it
            if submissions.first(existing, record.submission, by):  # but not by the submit that had entered it
                raise VersionConflict(existing, existing.answers()) from error
            record.sequence += 1
            return _insert(record, by)
        raise VersionConflict(existing, existing.answers()) from error
    return record


def _next_in_log(record: FormRecord, by: User) -> int:
    """The next number in a log. Raises VersionConflict with the row that this very submit added already.

    One statement, after the subject was locked: its snapshot holds what another session saved meanwhile.
    """
    rows = FormRecord.objects.filter(subject=record.subject, crf_code=record.crf_code, visit=None)
    asked = {"last": models.Max("sequence")}
    if record.submission is not None:
        saves = history_model(FormRecord).objects.filter(
            submission=record.submission, pgh_actor=by, pgh_obj_id=models.OuterRef("pk")
        )
        asked["added"] = models.Max("pk", filter=models.Exists(saves))
    found = rows.aggregate(**asked)
    if found.get("added") is not None:
        existing = _with_names().get(pk=found["added"])
        raise VersionConflict(existing, existing.answers())
    return (found["last"] or 0) + 1


def _with_names() -> models.QuerySet[FormRecord]:
    return FormRecord.objects.select_related("updated_by", "subject__site")
