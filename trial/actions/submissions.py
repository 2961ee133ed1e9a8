"""A submit that arrives twice: a double click, Back and send again, a retry after a cut network. It saves once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from trial.history import history_model, row_at_version
from trial.models import FormRecord, User, item_fields


@dataclass(frozen=True)
class First:
    """What a submit saved when it first arrived: when, and the form's answers as they stood then."""

    at: datetime
    row: Any


def first(record: FormRecord, submission: UUID | None, by: User) -> First | None:
    """The save that this submit of this person made of this form, later saves or not; None if it never saved it."""
    if submission is None:
        return None
    saves = history_model(FormRecord).objects.filter(
        submission=submission, pgh_obj_id=record.pk, pgh_actor=by, version__gt=0
    )
    found = saves.order_by("pgh_id").values_list("version", "pgh_created_at").first()
    if found is None:
        return None
    version, at = found
    return First(at, _as_row(record, row_at_version(record, version)))


def _as_row(record: FormRecord, past: Any) -> Any:
    """A row of history as the typed row that it was."""
    model = record.spec.model
    answers = {field.attname: getattr(past, field.attname) for field in item_fields(model)}
    return model(record=record, site_id=record.site_id, missing=dict(past.missing), **answers)
