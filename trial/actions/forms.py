"""save_form: the one way to write clinical data. Pages, API, imports and tasks all call it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from trial import access, late_entry, locks, missing, moments, protocol, reasons, retired_checks, subject_forms
from trial.actions import locks as locking
from trial.actions import prompts, queries
from trial.actions.answers import put_answers
from trial.actions.opening import lock_row, open_form
from trial.actions.saves import Refused, Save, Saved, Source, Unconfirmed, VersionConflict, Why
from trial.actions.visits import follow_anchors
from trial.checks import Check, CrossCheck, Finding, Severity
from trial.crf import registry
from trial.crf.spec import CrfSpec
from trial.history import history
from trial.lifecycle import RecordState, WrongState
from trial.models import FormRecord, Query, Subject, User, Visit
from trial.permissions import Permission
from trial.subject_data import SubjectData


def new_record(*, subject: Subject, crf_code: str, visit: Visit | None = None) -> FormRecord:
    """An unsaved record for `save_form`. The sequence of a log row is allocated when it is saved."""
    return FormRecord(
        subject=subject, site=subject.site, visit=visit, crf_code=crf_code, time_zone=subject.site.time_zone
    )


def save_form(
    *,
    record: FormRecord,
    values: Mapping[str, Any],
    by: User,
    reason: str = "",
    expected_version: int | None = None,
    missing_codes: Mapping[str, Any] | None = None,
    confirmations: Mapping[str, str] | None = None,
    seen: Iterable[str] | None = None,
    source: Source | None = None,
    defer_cross_checks: bool = False,
    submission: UUID | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Saved:
    """Save answers of one form: typed row, findings to queries, queries whose finding is gone closed, history.

    values: item -> answer (text as typed in ISO form, or typed); only the items named are changed.
    reason: needed as soon as a saved answer changes, unless each item that changes has one of its own; and for a
    visit's form that is first entered long after the visit's window (`late_entry`).
    expected_version: the version that the caller has seen; None skips the comparison (imports of new rows).
    missing_codes: item -> missing code (and reason) for items without a value; None for an item takes the code back.
    confirmations: code of a soft finding -> why the value is right all the same.
    seen: codes of the findings that the person was shown; others raise Unconfirmed. None: do not ask.
    defer_cross_checks: leave the checks between forms to `check_subject`, once after many new forms of one subject.
    submission: names this submit. One that arrives again saves nothing and is answered with `saved_before_at`; with
    other answers than at first it is a VersionConflict.
    reasons: item -> its own reason, where it is another than `reason`.
    Raises PermissionDenied, locks.Locked, VersionConflict, Refused, Unconfirmed, reasons.ReasonNeeded; then nothing is
    changed. What checks said to the person is kept all the same (`Prompt`).
    """
    role = access.role_for(by, Permission.ENTER_DATA, record.site_id, record.crf_code)
    checks = [] if defer_cross_checks else registry.cross_checks_reading([record.crf_code])
    why = Why.of(reason, reasons or {})
    named = submission or (uuid4() if source is None else None)  # ties what checks said to the save that came of it
    try:
        with _as_before_if_refused(record), _saying(why, by, role.code, record, source):
            save = open_form(record, by, expected_version, submission)
            save.submission = named
            coded = missing.clean({name: code for name, code in (missing_codes or {}).items() if code})
            put_answers(save, values, coded, missing_codes)
            if save.sent_before_at is not None:
                return _saved_before(save)
            said = why.about(save.changed)
            with nullcontext() if said == why else _saying(said, by, role.code, record, source):
                data = _finish(save, by, said, source, checks)
            sifted = retired_checks.sift(_findings(save, data, checks, imported=source is not None))
            findings = sifted.findings
            _ask(findings, save, confirmations or {}, seen)
            if source is None:
                _keep_what_was_said(save, by, findings)
            outcome = queries.follow_findings(
                subject=save.record.subject,
                record=save.record,
                findings=findings,
                cross_codes=[check.code for check in checks],
                confirmations=confirmations or {},
                by=by,
                role=role.code,
                retired=sifted.retired,
            )
            follow_anchors(save.record.subject, save.record.crf_code, data)
    except (Refused, Unconfirmed) as refusal:
        if source is None:
            prompts.note(record=record, by=by, findings=refusal.findings, submission=named)
        raise
    return Saved(save.record, tuple(save.changed), tuple(findings), *outcome)


def _saved_before(save: Save) -> Saved:
    """The answer to a submit that saved already. Raises VersionConflict where it now brings other answers."""
    record = save.record
    if save.changed or save.errors:
        raise VersionConflict(record, record.answers(), sent_before=True)
    return Saved(record, (), saved_before_at=save.sent_before_at)


def _saying(why: Why, by: User, role: str, record: FormRecord, source: Source | None) -> AbstractContextManager[None]:
    """The history of one save."""
    return history(
        by=by,
        role=role,
        site_id=record.site_id,
        reason=why.for_all,
        source=str(source or ""),
        reasons=why.by_item,
    )


def delete_form(*, record: FormRecord, by: User, reason: str) -> None:
    """Mark a form deleted; its answers and history stay. Findings on it are gone. Raises like `save_form`."""
    role = access.role_for(by, Permission.ENTER_DATA, record.site_id, record.crf_code)
    reason = reasons.check(reason, "Say why this form is deleted, in words that an auditor will understand.")
    checks = registry.cross_checks_reading([record.crf_code])
    with history(by=by, role=role.code, site_id=record.site_id, reason=reason):
        locked = lock_row(record)
        if locked.deleted_at is not None:
            raise WrongState("This form was deleted already.")
        locking.hold_if_open(records=[locked])
        locked.deleted_at, locked.deleted_reason = timezone.now(), reason
        locked.updated_by, locked.version = by, locked.version + 1
        with locks.refusals():
            locked.save(update_fields=["deleted_at", "deleted_reason", "updated_by", "updated_at", "version"])
        data = subject_forms.load(locked.subject, _reads(record.crf_code, checks))
        sifted = retired_checks.sift(finding for check in checks for finding in check.run(data))
        queries.follow_findings(
            subject=locked.subject,
            record=locked,
            findings=sifted.findings,
            cross_codes=[check.code for check in checks],
            confirmations={},
            by=by,
            role=role.code,
            retired=sifted.retired,
        )
        queries.cancel_queries_of_deleted(record=locked)
        follow_anchors(locked.subject, locked.crf_code, data)
        locking.relock_deleted(record=locked)


@transaction.atomic
def check_subject(*, subject: Subject, by: User, source: str = "") -> tuple[int, int]:
    """Run every check over all forms of a subject; its queries follow. For imports, and nightly.

    source: of the run that this belongs to, for history. Returns how many queries were opened and closed. Raises
    PermissionDenied unless `by` sees the subject's site.
    """
    role = access.role_for(by, Permission.VIEW_DATA, subject.site_id)
    Subject.objects.select_for_update(no_key=True).only("pk").get(pk=subject.pk)
    data = subject_forms.load(subject, [spec.code for spec in registry.all_specs()])
    findings = [finding for check in registry.all_cross_checks() for finding in check.run(data)]
    findings += [finding for spec in registry.all_specs() for finding in _own_findings(spec, subject)]
    sifted = retired_checks.sift(findings)
    asked = Query.objects.filter(subject=subject).exclude(check_code="").values_list("check_code", flat=True)
    followed = queries.follow_findings(
        subject=subject,
        record=None,
        findings=sifted.findings,
        cross_codes=asked.distinct(),
        confirmations={},
        by=by,
        role=role.code,
        source=source,
        retired=sifted.retired,
    )
    return followed.opened, followed.closed


def _own_findings(spec: CrfSpec, subject: Subject) -> Iterator[Finding]:
    """Findings within each of the subject's forms of one CRF."""
    rows = spec.model.objects.filter(record__subject=subject, record__deleted_at=None).select_related("record")
    for row in rows:
        values = subject_forms.check_values(row.record, row)
        found = spec.findings(values, row.missing, now=moments.to_wall(timezone.now(), row.record.time_zone))
        yield from (finding.on(row.pk) for finding in found)


@dataclass(frozen=True)
class Preview:
    """What a save would find: the answers as checks see them, the subject's forms with them, what differs from what
    is saved, and the findings on this form. Answers that cannot be are findings of the code "type"."""

    values: Mapping[str, Any]
    subject: SubjectData
    changed: tuple[str, ...]
    findings: tuple[Finding, ...]


def preview(
    *,
    record: FormRecord,
    values: Mapping[str, Any],
    missing_codes: Mapping[str, Any],
    row: Any = None,
    also: Iterable[str] = (),
) -> Preview:
    """Findings for answers not saved, within the form and between forms: what the page shows as a field is left.

    row: the typed row as saved, where it is at hand; it is filled in. also: codes of further CRFs to load with the
    subject's forms. Nothing is stored and no permission is asked.
    """
    if row is None:
        row = record.answers() if record.pk else record.spec.model(record=record, site_id=record.site_id)
    save = Save(record=record, row=row, is_new=record.pk is None)
    put_answers(save, values, missing.clean({k: v for k, v in missing_codes.items() if v}), missing_codes)
    checks = registry.cross_checks_reading([record.crf_code])
    data = subject_forms.load(record.subject, {*_reads(record.crf_code, checks), *also})
    data = subject_forms.with_row(data, record, row)
    answers, now = subject_forms.check_values(record, row), moments.to_wall(timezone.now(), record.time_zone)
    across = [finding for check in checks for finding in check.run(data) if finding.record_id == (record.pk or 0)]
    found = retired_checks.sift([*record.spec.findings(answers, row.missing, now=now), *across]).findings
    return Preview(answers, data, tuple(save.changed), (*_impossible(save), *_readable(found, save.errors)))


def _impossible(save: Save) -> Iterator[Finding]:
    for item, sentences in save.errors.items():
        for sentence in sentences:
            yield Finding(code="type", item=item, message=sentence, severity=Severity.HARD)


def _readable(findings: Iterable[Finding], errors: Mapping[str, Any]) -> Iterator[Finding]:
    """Without those on answers that cannot be: such an answer is no blank."""
    return (finding for finding in findings if finding.item not in errors)


@contextmanager
def _as_before_if_refused(record: FormRecord) -> Iterator[None]:
    """A new record whose save is refused is new again: its number was never given."""
    is_new = record.pk is None
    try:
        yield
    except Exception:
        if is_new:
            record.pk, record.version, record.sequence = None, 0, 1
            record._state.adding = True
        raise


# --- writing and checking ----------------------------------------------------------------------------------------


def _finish(save: Save, by: User, why: Why, source: Source | None, cross_checks: Sequence[CrossCheck]) -> SubjectData:
    """Hard checks of the form, then both rows, then the subject's forms as they now stand."""
    record, row, spec = save.record, save.row, save.record.spec
    values = subject_forms.check_values(record, row)
    for finding in (f for check in spec.checks if check.severity is Severity.HARD and (f := check.run(values))):
        save.refuse_finding(finding)
    if save.errors:
        raise Refused(save.errors, save.refusals)
    if source is None:
        why.check(save.overwritten)
        if save.is_new and (late := late_entry.question(record)):
            reasons.check(why.for_all, late)
    record.state = RecordState.COMPLETE if spec.is_complete(values, row.missing) else RecordState.IN_PROGRESS
    if save.changed or save.is_new:
        _write(save, by, source)
    return subject_forms.load(record.subject, _reads(record.crf_code, cross_checks))


def _write(save: Save, by: User, source: Source | None) -> None:
    record = save.record
    record.version += 1
    record.updated_by, record.submission = by, save.submission
    if source is not None:
        record.source_system, record.source_id = source.system, source.id
        record.source_file, record.source_line, record.source_hash = source.file, source.line, source.sha256
    try:
        with locks.refusals():
            save.row.save(force_insert=save.is_new, force_update=not save.is_new)
            record.save(force_update=True)
    except IntegrityError as error:
        raise Refused({"": [f"The database refuses these answers together: {_first_line(error)}"]}) from error


def _first_line(error: DatabaseError) -> str:
    return str(error).splitlines()[0]


def _reads(crf_code: str, cross_checks: Iterable[CrossCheck]) -> set[str]:
    """The CRFs that a save of this one has to look at."""
    reads = {code for check in cross_checks for code in check.reads}
    return reads | (set(protocol.get().reads) if crf_code in protocol.get().reads else set())


def _findings(save: Save, data: SubjectData, cross_checks: Iterable[CrossCheck], *, imported: bool) -> list[Finding]:
    """Soft findings; hard ones, and forbidden orders on this very record, refuse unless the row is imported."""
    values = subject_forms.check_values(save.record, save.row)
    now = moments.to_wall(timezone.now(), save.record.time_zone)
    own = [finding.on(save.record.pk) for finding in save.record.spec.findings(values, save.row.missing, now=now)]
    across = [finding for check in cross_checks for finding in check.run(data)]
    for finding in (*own, *across):
        refuses = finding.severity is not Severity.SOFT and not imported
        if refuses and finding.record_id == save.record.pk:
            save.refuse_finding(finding)
    if save.errors:
        raise Refused(save.errors, save.refusals)
    return [*own, *across]


def _keep_what_was_said(save: Save, by: User, findings: list[Finding]) -> None:
    """Findings that are saved all the same, where this save brought them and nobody was told of them before."""
    about = [item.name for item in save.record.spec.items] if save.is_new else save.changed
    said = prompts.fresh(save.record, findings, about, save.submission)
    prompts.note(record=save.record, by=by, findings=said, submission=save.submission)


def _ask(findings: list[Finding], save: Save, confirmations: Mapping[str, str], seen: Iterable[str] | None) -> None:
    for why in confirmations.values():
        if why.strip():
            reasons.check(why)
    if seen is None:
        return
    known = {*seen, *confirmations}
    fresh = [f for f in findings if f.record_id == save.record.pk and f.code not in known]
    if fresh and (fresh := queries.unasked(save.record, fresh)):
        raise Unconfirmed(fresh)


__all__ = ["Check", "Preview", "Refused", "Saved", "Source", "Unconfirmed", "VersionConflict", "check_subject",
           "delete_form", "new_record", "preview", "save_form"]  # fmt: skip
