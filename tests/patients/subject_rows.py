"""One subject's forms as plain values, for rules that need no database."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from trial.crf import registry
from trial.models import item_fields
from trial.subject_data import Row, SubjectData

ZONE = "Europe/Amsterdam"


def at(text: str) -> datetime:
    """A moment on the wall clock of the site."""
    return datetime.fromisoformat(text)


def subject(*, site_activated_on: Any = None, **forms: list[dict[str, Any]]) -> SubjectData:
    """CRF code -> the answers of its rows; a row may name its `visit`. Record ids count from 1 over all rows."""
    rows: dict[str, list[Row]] = {}
    record_id = 0
    for crf, answers in forms.items():
        for sequence, values in enumerate(answers, start=1):
            record_id += 1
            rows.setdefault(crf, []).append(_row(crf, record_id, sequence, dict(values)))
    return SubjectData(number="S001", site="NL01", time_zone=ZONE, site_activated_on=site_activated_on, forms=rows)


def _row(crf: str, record_id: int, sequence: int, given: dict[str, Any]) -> Row:
    visit = given.pop("visit", None)
    items = [field.name for field in item_fields(registry.get(crf).model)]
    unknown = set(given) - set(items)
    if unknown:
        raise ValueError(f"{crf} has no item {', '.join(sorted(unknown))}.")
    values = {item: given.get(item) for item in items}
    moments = {
        item: value.replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
        for item, value in values.items()
        if isinstance(value, datetime)
    }
    return Row(record_id=record_id, crf=crf, sequence=sequence, visit=visit, values=values, moments=moments)
