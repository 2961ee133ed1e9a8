"""What edit checks said when a form was saved, what had been entered then, and what became of it (FDA 2024, Q13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q

from trial import missing, moments
from trial.checks import show
from trial.history import history_model, rows_of
from trial.models import FormRecord, Prompt, QueryMessage


class Outcome(StrEnum):
    """CORRECTED: another value was saved. CONFIRMED: saved as it was, with a reason. QUERIED: saved, and a query asks.
    KEPT: saved as it was; the finding had gone with another answer. UNSAVED: nothing was saved."""

    CORRECTED = "corrected"
    CONFIRMED = "confirmed"
    QUERIED = "saved with query"
    KEPT = "saved"
    UNSAVED = "not saved"


@dataclass(frozen=True, kw_only=True)
class Prompted:
    """One prompt. entered: item -> what had been entered, as shown; value: what was saved of the item in the end.

    reason: why the value was confirmed. at, by, role: of the save that met the check.
    """

    check_code: str
    item: str
    message: str
    severity: str
    entered: dict[str, str]
    at: datetime
    by: str
    role: str
    outcome: Outcome
    value: str = ""
    reason: str = ""

    @property
    def sentence(self) -> str:
        """What became of it, in words."""
        if self.outcome is Outcome.CORRECTED:
            return f"Corrected to {self.value or 'no value'}"
        if self.outcome is Outcome.CONFIRMED:
            return f"Confirmed: {self.reason}"
        return str(self.outcome).capitalize()


def of(record: FormRecord, item: str | None = None) -> list[Prompted]:
    """What was said about a saved form, or about one of its items, oldest first. At most four statements."""
    rows = _of_record(record)
    said = list(rows.filter(item=item) if item is not None else rows)
    if not said:
        return []
    saves = list(history_model(FormRecord).objects.filter(pgh_obj_id=record.pk, version__gt=0).order_by("pgh_id"))
    answers = rows_of(record.spec.model, record.pk)
    steps = list(
        QueryMessage.objects.filter(query__record=record, query__check_code__in={row.check_code for row in said})
        .select_related("query")
        .order_by("id")
    )
    return [_prompted(record, row, _save_of(row, saves), answers, steps) for row in said]


def _of_record(record: FormRecord) -> Any:
    """Also what was said before the form was saved for the first time."""
    submissions = history_model(FormRecord).objects.filter(pgh_obj_id=record.pk, submission__isnull=False)
    as_new = Q(submission__in=submissions.values("submission"))
    if record.visit_id:
        as_new |= Q(visit=record.visit_id, at__lte=record.created_at)
    here = Q(record=record) | Q(record=None, subject=record.subject_id, crf_code=record.crf_code) & as_new
    return Prompt.objects.filter(here).select_related("by").order_by("id")


def _save_of(prompt: Prompt, saves: Sequence[Any]) -> Any:
    """The save that ended what this prompt began: by the same submit, else the person's next one; None if none did."""
    later = [save for save in saves if save.pgh_created_at >= prompt.at]
    same = [save for save in saves if prompt.submission is not None and save.submission == prompt.submission]
    return next(iter([*same, *(save for save in later if save.pgh_actor_id == prompt.by_id)]), None)


def _prompted(
    record: FormRecord, prompt: Prompt, save: Any, answers: Sequence[Any], steps: Sequence[QueryMessage]
) -> Prompted:
    row = save and next((row for row in reversed(answers) if row.pgh_created_at <= save.pgh_created_at), None)
    value = _said(record, row, prompt.item) if row else ""
    outcome, reason = Outcome.UNSAVED, ""
    if row:
        outcome, reason = _outcome(record, prompt, row, steps)
    return Prompted(
        check_code=prompt.check_code,
        item=prompt.item,
        message=prompt.message,
        severity=prompt.severity,
        entered=prompt.entered,
        at=prompt.at,
        by=prompt.by.full_name,
        role=prompt.role,
        outcome=outcome,
        value=value,
        reason=reason,
    )


def _outcome(record: FormRecord, prompt: Prompt, row: Any, steps: Sequence[QueryMessage]) -> tuple[Outcome, str]:
    looked_at = {name: text for name, text in prompt.entered.items() if record.spec.has_item(name)}
    if not looked_at and record.spec.has_item(prompt.item) and not prompt.entered:
        looked_at = {prompt.item: ""}
    if any(_said(record, row, name) != text for name, text in looked_at.items()):
        return Outcome.CORRECTED, ""
    said = [
        step
        for step in steps
        if (step.query.check_code, step.query.item) == (prompt.check_code, prompt.item)
        and step.at >= prompt.at
        and step.at >= row.pgh_created_at
    ]
    if said and said[0].step == "confirm":
        return Outcome.CONFIRMED, said[0].text
    return (Outcome.QUERIED if said else Outcome.KEPT), ""


def _said(record: FormRecord, row: Any, item: str) -> str:
    """An answer of a history row as `Prompt.entered` has it."""
    if not record.spec.has_item(item):
        return ""
    field = row._meta.get_field(item)
    value = getattr(row, field.attname)
    if value is None and item in row.missing:
        return missing.show(row.missing[item])
    return in_words(record, item, value)


def in_words(record: FormRecord, name: str, value: Any) -> str:
    """An entry as a reader sees it: the answer of a code list, not its code; a moment as the site's clock."""
    if isinstance(value, datetime):
        return show(moments.to_wall(value, record.time_zone) if value.tzinfo else value)
    if record.spec.has_item(name):
        choices = record.spec.model._meta.get_field(name).choices
        value = {str(code): label for code, label in choices}.get(str(value), value) if choices else value
    return show(value)
