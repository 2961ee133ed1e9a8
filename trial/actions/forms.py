"""save_form: the one way to write clinical data. Pages, API, imports and tasks all call it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, models, transaction
from django.utils import timezone

from trial import access, late_entry, locks, missing, moments, protocol, reasons, subject_forms
from trial.actions import locks as locking
from trial.actions import prompts, queries, submissions
from trial.actions.visits import follow_anchors
from trial.checks import Check, CrossCheck, Finding, Severity
from trial.crf import registry
from trial.crf.spec import CrfSpec
from trial.history import history, history_model
from trial.lifecycle import RecordState, WrongState
from trial.models import FormRecord, Query, Subject, User, Visit, item_fields
from trial.permissions import Permission
from trial.subject_data import SubjectData

LIMITS = ("max_value", "min_value")  # Django's codes for an answer beyond a hard bound


class Refused(Exception):
    """The save was refused and nothing was changed. `errors`: item ("" for the whole form) -> sentences.

    findings: what checks said, with what had been entered.
    """

    def __init__(self, errors: Mapping[str, list[str]], findings: Iterable[Finding] = ()) -> None:
        self.errors, self.findings = dict(errors), list(findings)
        super().__init__(" ".join(sentence for sentences in self.errors.values() for sentence in sentences))


class VersionConflict(Exception):
    """Somebody else saved first. `row` and `current` are what stands now, `theirs` its version.

    sent_before: this very submit saved before, with other answers than it brings now.
    """

    def __init__(self, record: FormRecord, row: Any, *, sent_before: bool = False) -> None:
        self.record, self.row, self.theirs = record, row, record.version
        self.current = subject_forms.check_values(record, row)
        self.sent_before = sent_before
        super().__init__(
            f"{record.updated_by.full_name} saved this form at {record.updated_at:%H:%M} UTC, after you opened it."
            " Your entries are kept below; compare and save again."
        )


class Unconfirmed(Exception):
    """Soft findings that the page has not shown yet. Nothing was saved."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(f"{len(findings)} findings to look at before saving.")


@dataclass(frozen=True)
class _Why:
    """The reasons of one save. given: of the whole save, "" where none was; by_item: item -> its own."""

    given: str
    by_item: Mapping[str, str]

    @classmethod
    def of(cls, given: str, by_item: Mapping[str, str]) -> "_Why":
        """Raises ReasonNeeded where an item's reason says nothing."""
        return cls(given, {item: reasons.check(text) for item, text in by_item.items() if text.strip()})

    @property
    def for_all(self) -> str:
        return self.given or "; ".join(dict.fromkeys(self.by_item.values()))

    def about(self, changed: Iterable[str]) -> "_Why":
        """Without the reasons of items that do not change after all."""
        kept = set(changed)
        return _Why(self.given, {item: text for item, text in self.by_item.items() if item in kept})

    def check(self, overwritten: set[str]) -> None:
        """Raise ReasonNeeded unless each saved answer that changes has a reason."""
        if overwritten - set(self.by_item):
            reasons.check(self.given)


@dataclass(frozen=True)
class Source:
    """Where an imported row comes from."""

    system: str
    id: str
    file: str
    line: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.system}:{self.file}:{self.line}"


@dataclass(frozen=True)
class Saved:
    """opened, closed: how many queries; asked: those that were opened or asked again, on whichever form.

    saved_before_at: this very submit had saved the form then; now nothing was changed.
    """

    record: FormRecord
    changed: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    opened: int = 0
    closed: int = 0
    asked: tuple[Query, ...] = ()
    saved_before_at: datetime | None = None


@dataclass
class _Save:
    """What one save works on, from the locked record to the findings.

    sent_before_at: when this very submit saved the form already; `row` is what it saved then.
    """

    record: FormRecord
    row: Any
    is_new: bool
    submission: UUID | None = None
    sent_before_at: datetime | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    refusals: list[Finding] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    overwritten: set[str] = field(default_factory=set)

    def refuse(self, item: str, sentence: str) -> None:
        self.errors.setdefault(item, []).append(sentence)

    def refuse_entry(self, item: str, sentence: str, entered: Any, kind: str) -> None:
        """An answer that cannot be; kind: "type" or "limit"."""
        code = f"{self.record.crf_code}.{item}.{kind}"
        self.refuse_finding(
            Finding(code=code, item=item, message=sentence, severity=Severity.HARD, values={item: entered})
        )

    def refuse_finding(self, finding: Finding) -> None:
        self.refuse(finding.item, finding.message)
        self.refusals.append(finding)


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
    why = _Why.of(reason, reasons or {})
    named = submission or (uuid4() if source is None else None)  # ties what checks said to the save that came of it
    try:
        with _as_before_if_refused(record), _saying(why, by, role.code, record, source):
            save = _open(record, by, expected_version, submission)
            save.submission = named
            coded = missing.clean({name: code for name, code in (missing_codes or {}).items() if code})
            _put_answers(save, values, coded, missing_codes)
            if save.sent_before_at is not None:
                return _saved_before(save)
            said = why.about(save.changed)
            with nullcontext() if said == why else _saying(said, by, role.code, record, source):
                data = _finish(save, by, said, source, checks)
            findings = _findings(save, data, checks, imported=source is not None)
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
            )
            follow_anchors(save.record.subject, save.record.crf_code, data)
    except (Refused, Unconfirmed) as refusal:
        if source is None:
            prompts.note(record=record, by=by, findings=refusal.findings, submission=named)
        raise
    return Saved(save.record, tuple(save.changed), tuple(findings), *outcome)


def _saying(why: _Why, by: User, role: str, record: FormRecord, source: Source | None) -> AbstractContextManager[None]:
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
    reason = reasons.check(reason)
    checks = registry.cross_checks_reading([record.crf_code])
    with history(by=by, role=role.code, site_id=record.site_id, reason=reason):
        locked = _lock_row(record)
        if locked.deleted_at is not None:
            raise WrongState("This form was deleted already.")
        locking.hold_if_open(records=[locked])
        locked.deleted_at, locked.deleted_reason = timezone.now(), reason
        locked.updated_by, locked.version = by, locked.version + 1
        with locks.refusals():
            locked.save(update_fields=["deleted_at", "deleted_reason", "updated_by", "updated_at", "version"])
        data = subject_forms.load(locked.subject, _reads(record.crf_code, checks))
        findings = [finding for check in checks for finding in check.run(data)]
        queries.follow_findings(
            subject=locked.subject,
            record=locked,
            findings=findings,
            cross_codes=[check.code for check in checks],
            confirmations={},
            by=by,
            role=role.code,
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
    asked = Query.objects.filter(subject=subject).exclude(check_code="").values_list("check_code", flat=True)
    followed = queries.follow_findings(
        subject=subject,
        record=None,
        findings=findings,
        cross_codes=asked.distinct(),
        confirmations={},
        by=by,
        role=role.code,
        source=source,
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
    save = _Save(record=record, row=row, is_new=record.pk is None)
    _put_answers(save, values, missing.clean({k: v for k, v in missing_codes.items() if v}), missing_codes)
    checks = registry.cross_checks_reading([record.crf_code])
    data = subject_forms.load(record.subject, {*_reads(record.crf_code, checks), *also})
    data = subject_forms.with_row(data, record, row)
    answers, now = subject_forms.check_values(record, row), moments.to_wall(timezone.now(), record.time_zone)
    across = [finding for check in checks for finding in check.run(data) if finding.record_id == (record.pk or 0)]
    found = [*record.spec.findings(answers, row.missing, now=now), *across]
    return Preview(answers, data, tuple(save.changed), (*_impossible(save), *_readable(found, save.errors)))


def _impossible(save: _Save) -> Iterator[Finding]:
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


# --- opening -----------------------------------------------------------------------------------------------------


def _open(record: FormRecord, by: User, expected_version: int | None, submission: UUID | None) -> _Save:
    if record.pk is None:
        return _begin(record, by, submission)
    locked = _lock_row(record)
    if locked.deleted_at is not None:
        raise PermissionDenied("This form was deleted; it cannot be changed.")
    is_stale = expected_version != locked.version
    if submission and (is_stale or submission == locked.submission) and (sent := _sent_before(locked, by, submission)):
        return sent
    row = locked.spec.model.objects.get(pk=locked.pk)
    if is_stale and expected_version is not None:
        raise VersionConflict(locked, row)
    return _Save(record=locked, row=row, is_new=False)


def _begin(record: FormRecord, by: User, submission: UUID | None) -> _Save:
    record.submission = submission
    try:
        record = _insert(record, by)
    except VersionConflict as taken:
        if sent := _sent_before(taken.record, by, submission):
            return sent
        raise
    row = record.spec.model(record=record, site_id=record.site_id)
    return _Save(record=record, row=row, is_new=True)


def _sent_before(record: FormRecord, by: User, submission: UUID | None) -> _Save | None:
    first = submissions.first(record, submission, by)
    if first is None:
        return None
    return _Save(record=record, row=first.row, is_new=False, sent_before_at=first.at)


def _saved_before(save: _Save) -> Saved:
    """The answer to a submit that saved already. Raises VersionConflict where it now brings other answers."""
    record = save.record
    if save.changed or save.errors:
        raise VersionConflict(record, record.answers(), sent_before=True)
    return Saved(record, (), saved_before_at=save.sent_before_at)


def _lock_row(record: FormRecord) -> FormRecord:
    return (
        # The subject too: checks between forms look at all of them, so its saves take turns.
        FormRecord.objects.select_for_update(of=("self", "subject"), no_key=True)
        .select_related("subject__site", "site", "updated_by", "visit")
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


# --- answers -----------------------------------------------------------------------------------------------------


def _put_answers(
    save: _Save, values: Mapping[str, Any], coded: Mapping[str, Any], given: Mapping[str, Any] | None
) -> None:
    fields = {item.name: item for item in item_fields(type(save.row))}
    _refuse_unknown(save, {*values, *(given or {})} - set(fields))
    codes = dict(save.row.missing)
    for name, item_field in fields.items():
        before = (getattr(save.row, item_field.attname), codes.get(name))
        if name in values:
            value = _clean(save, item_field, values[name])
            setattr(save.row, item_field.attname, value)
            if value is not None:
                codes.pop(name, None)
        if given is not None and name in given:
            _put_code(save, name, item_field, coded.get(name), codes)
        _note_change(save, name, before, (getattr(save.row, item_field.attname), codes.get(name)))
    save.row.missing = codes


def _put_code(save: _Save, name: str, item_field: Any, code: Any, codes: dict[str, Any]) -> None:
    if code is None:
        codes.pop(name, None)
    elif getattr(save.row, item_field.attname) is not None:
        save.refuse(name, "This item has a value and a reason why it has none. Keep one of the two.")
    else:
        codes[name] = code


def _note_change(save: _Save, name: str, before: tuple[Any, Any], after: tuple[Any, Any]) -> None:
    if before != after:
        save.changed.append(name)
        if before != (None, None) and not save.is_new:
            save.overwritten.add(name)


def _refuse_unknown(save: _Save, unknown: set[str]) -> None:
    for name in sorted(unknown):
        save.refuse(name, f"{save.record.spec.title} has no item “{name}”.")


def _clean(save: _Save, item_field: Any, value: Any) -> Any:
    """The answer as the column's type; a sentence in `save.errors` where it cannot be."""
    if isinstance(value, str):
        value = value.strip()
        if "\x00" in value:
            save.refuse(item_field.name, "The text holds a NUL character, which cannot be stored. Type it again.")
            return None
    if value is None or value == "":
        return None
    try:
        if isinstance(item_field, models.DateTimeField):
            return _moment(value, save.record.time_zone)
        if isinstance(item_field, models.ForeignKey):
            return _linked(save, item_field, value)
        return item_field.clean(_as_text(item_field, value), save.row)
    except ValidationError as error:
        kind = "limit" if error.error_list[0].code in LIMITS else "type"
        for sentence in _sentences(item_field, value, error):
            save.refuse_entry(item_field.name, sentence, value, kind)
    except (ValueError, TypeError) as error:
        save.refuse_entry(item_field.name, str(error), value, "type")
    return None


def _as_text(item_field: Any, value: Any) -> Any:
    """A float would bring its binary tail into a decimal; its shortest text does not."""
    return str(value) if isinstance(item_field, models.DecimalField) and isinstance(value, float) else value


def _moment(value: Any, zone: str) -> datetime:
    """A moment from wall-clock text or a naive datetime of the site, or from an aware one."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        raise ValueError(f"“{value}” is not a date with a time. Enter it like 03-Jan-2024 14:05.")
    return moment if moment.tzinfo else moments.to_utc(moment, zone)


def _linked(save: _Save, item_field: Any, value: Any) -> int:
    if getattr(save.row, item_field.attname) == int(value):
        return int(value)  # left as it is, even where that form was deleted meanwhile: a check asks about it
    linked = FormRecord.objects.filter(pk=int(value), subject_id=save.record.subject_id, deleted_at=None).first()
    if linked is None:
        raise ValueError("The linked form is not one of this subject.")
    return linked.pk


def _limit(item_field: Any, value: Any, error: ValidationError) -> str | None:
    """A hard bound in words; None where something else is wrong."""
    (first, *_) = error.error_list
    if first.code not in LIMITS:
        return None
    most = "most" if first.code == "max_value" else "least"
    return f"{value} cannot be: the {most} is {(first.params or {})['limit_value']}."


def _sentences(item_field: Any, value: Any, error: ValidationError) -> list[str]:
    if item_field.choices and error.error_list[0].code == "invalid_choice":
        known = ", ".join(str(code) for code, _ in item_field.choices)
        return [f"“{value}” is not an answer here. Use one of: {known}."]
    if isinstance(item_field, models.DecimalField | models.IntegerField) and error.error_list[0].code == "invalid":
        return [f"“{value}” is not a number. Enter digits, with a point for decimals."]
    if limit := _limit(item_field, value, error):
        return [limit]
    return list(error.messages)


# --- writing and checking ----------------------------------------------------------------------------------------


def _finish(save: _Save, by: User, why: _Why, source: Source | None, cross_checks: Sequence[CrossCheck]) -> SubjectData:
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


def _write(save: _Save, by: User, source: Source | None) -> None:
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


def _findings(save: _Save, data: SubjectData, cross_checks: Iterable[CrossCheck], *, imported: bool) -> list[Finding]:
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


def _keep_what_was_said(save: _Save, by: User, findings: list[Finding]) -> None:
    """Findings that are saved all the same, where this save brought them and nobody was told of them before."""
    about = [item.name for item in save.record.spec.items] if save.is_new else save.changed
    said = prompts.fresh(save.record, findings, about, save.submission)
    prompts.note(record=save.record, by=by, findings=said, submission=save.submission)


def _ask(findings: list[Finding], save: _Save, confirmations: Mapping[str, str], seen: Iterable[str] | None) -> None:
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
