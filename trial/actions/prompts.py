"""What edit checks said at a deliberate save, and what had been entered then: kept also where the save was refused."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from trial import access, prompts
from trial.checks import Finding, Severity
from trial.history import history
from trial.models import FormRecord, Prompt, User
from trial.permissions import Permission


def note(*, record: FormRecord, by: User, findings: Iterable[Finding], submission: UUID | None) -> None:
    """Keep what was said to `by`; a transaction of its own unless one is open."""
    said = list(findings)
    if not said:
        return
    role = access.role_for(by, Permission.ENTER_DATA, record.site_id, record.crf_code).code
    with history(by=by, role=role, site_id=record.site_id):
        Prompt.objects.bulk_create(_prompt(record, by, role, finding, submission) for finding in said)


def note_unreadable(
    *,
    record: FormRecord,
    by: User,
    errors: Mapping[str, Iterable[str]],
    entered: Mapping[str, str],
    submission: UUID | None,
) -> None:
    """Keep that an entry could not be read, such as a day that no calendar has.

    errors: item -> sentences. entered: item -> the text.
    """
    findings = [
        Finding(
            code=f"{record.crf_code}.{item}.type",
            item=item,
            message=sentence,
            severity=Severity.HARD,
            values={item: entered.get(item, "")},
        )
        for item, sentences in errors.items()
        if record.spec.has_item(item)
        for sentence in sentences
    ]
    note(record=record, by=by, findings=findings, submission=submission)


def fresh(
    record: FormRecord, findings: Iterable[Finding], changed: Iterable[str], submission: UUID | None
) -> list[Finding]:
    """Of the findings that are saved all the same, those about what this save changed that were not said before it."""
    touched = set(changed)
    about = [f for f in findings if f.record_id == record.pk and touched & {f.item, *f.values}]
    if not about or submission is None:
        return about
    said = set(Prompt.objects.filter(submission=submission).values_list("check_code", "item"))
    return [finding for finding in about if (finding.code, finding.item) not in said]


def _prompt(record: FormRecord, by: User, role: str, finding: Finding, submission: UUID | None) -> Prompt:
    return Prompt(
        subject_id=record.subject_id,
        site_id=record.site_id,
        record=record if record.pk else None,
        visit_id=record.visit_id,
        crf_code=record.crf_code,
        submission=submission,
        check_code=finding.code,
        item=finding.item,
        severity=finding.severity,
        message=finding.message,
        entered={name: prompts.in_words(record, name, value) for name, value in finding.values.items()},
        by=by,
        role=role,
    )
