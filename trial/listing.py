"""One line that names a row of a log: its title items, shown."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from trial import moments, partial_dates, subject_forms
from trial.checks import show
from trial.crf import registry
from trial.crf.fields import is_partial_date
from trial.crf.spec import CrfSpec
from trial.models import FormRecord
from trial.subject_data import Row, SubjectData


def shown(field: Any, value: Any, zone: str) -> str:
    """An answer as a person reads it: code lists in words, moments as the site's wall clock, dates as 03-Jan-2024.

    A moment without a zone stands on that clock already.
    """
    if value is None or value == "":
        return ""
    if field.choices:
        return str(dict(field.choices).get(value, value))
    if isinstance(value, datetime):
        wall = moments.to_wall(value, zone) if value.tzinfo else value
        return f"{wall:%d-%b-%Y %H:%M}"
    if hasattr(value, "isoformat") or (is_partial_date in field.validators and partial_dates.PATTERN.match(value)):
        return partial_dates.show(value)
    return show(value)


def titles(records: list[FormRecord]) -> dict[int, str]:
    """record id -> a line such as `Blinatumomab, 28-Jul-2018`. One statement, and one for the forms linked to."""
    answers = _answers(records)
    linked = _linked_titles(records, answers)
    found: dict[int, str] = {}
    for record in records:
        if values := answers.get(record.pk):
            parts = [_part(field, values[field.name], record.time_zone, linked) for field in _title_fields(record.spec)]
            found[record.pk] = ", ".join(part for part in parts if part)
    return found


def title_of(row: Row, subject: SubjectData) -> str:
    """The same line for a row that was read, with those that it links to."""
    return ", ".join(part for field in _title_fields(registry.get(row.crf)) if (part := _told(field, row, subject)))


def _told(field: Any, row: Row, subject: SubjectData) -> str:
    value = row.values.get(field.name)
    if not field.is_relation:
        return shown(field, value, subject.time_zone)
    linked = subject.row(value)
    return title_of(linked, subject) if linked else ""


def _title_fields(spec: CrfSpec) -> list[Any]:
    return [spec.model._meta.get_field(name) for name in spec.title_items]


_ROWS = 'SELECT record_id, to_jsonb(t)::text FROM "{table}" t WHERE record_id = ANY(%s)'


def _answers(records: list[FormRecord]) -> dict[int, dict[str, Any]]:
    """record id -> its title items. One statement, whichever CRFs these are."""
    by_crf: dict[str, list[FormRecord]] = {}
    for record in records:
        by_crf.setdefault(record.crf_code, []).append(record)
    if not by_crf:
        return {}
    tables = [_ROWS.format(table=registry.get(code).model._meta.db_table) for code in by_crf]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(tables), [[record.pk for record in each] for each in by_crf.values()])
        stored = {pk: json.loads(text, parse_float=Decimal) for pk, text in cursor.fetchall()}
    return {record.pk: _typed(record, stored[record.pk]) for record in records if record.pk in stored}


def _typed(record: FormRecord, stored: dict[str, Any]) -> dict[str, Any]:
    return {field.name: subject_forms.typed(field, stored[field.column]) for field in _title_fields(record.spec)}


def name_of(pk: int) -> str:
    """One form by its name: `Adverse event: Hypertension, 01-Dec-2019`."""
    record = FormRecord.objects.filter(pk=pk).first()
    if record is None:
        return ""
    deleted = " (deleted)" if record.deleted_at else ""
    return f"{record.spec.title}: {titles([record]).get(pk, '')}{deleted}"


def linking_to(record: FormRecord) -> list[str]:
    """Names of the forms that link to this one."""
    found: list[str] = []
    for spec in registry.all_specs():
        for item in spec.items:
            if record.crf_code in item.links_to:
                rows = spec.model.objects.filter(**{item.name: record}, record__deleted_at=None)
                found += [name_of(row.pk) for row in rows]
    return found


def _part(field: Any, value: Any, zone: str, linked: dict[int, str]) -> str:
    return linked.get(value, "") if field.is_relation else shown(field, value, zone)


def _linked_titles(records: list[FormRecord], answers: dict[int, dict[str, Any]]) -> dict[int, str]:
    """Titles of the forms to which these link in a title item: a result is named by its sample."""
    pks = {
        pk
        for record in records
        for field in _title_fields(record.spec)
        if field.is_relation and (pk := answers.get(record.pk, {}).get(field.name))
    }
    known = {record.pk: record for record in records}
    wanted = [known[pk] for pk in pks if pk in known]
    wanted += FormRecord.objects.filter(pk__in=pks - set(known)) if pks - set(known) else []
    return titles(wanted) if wanted else {}
