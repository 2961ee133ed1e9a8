"""Load what a subject's forms say, whichever CRFs are asked for, in one statement."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from trial import moments
from trial.crf import registry
from trial.models import Subject, item_fields
from trial.subject_data import Row, SubjectData

# One branch a CRF, taken by the record's own: PostgreSQL looks up each typed row by its key, and plans no joins.
_ROW = """WHEN %s THEN (SELECT to_jsonb(t)::text FROM "{table}" t WHERE t.record_id = r.id)"""
_ROWS = """
SELECT r.crf_code, r.id, r.sequence, v.code, r.source_system <> '', r.time_zone, CASE r.crf_code {rows} END
FROM trial_formrecord r LEFT JOIN trial_visit v ON v.id = r.visit_id
WHERE r.subject_id = %s AND r.deleted_at IS NULL AND r.crf_code = ANY(%s)
ORDER BY r.crf_code, r.sequence, r.id
"""


def load(subject: Subject, crf_codes: Iterable[str]) -> SubjectData:
    """The subject's rows of these CRFs. Deleted rows are left out. `subject.site` should be loaded already."""
    specs = [spec for code in sorted(set(crf_codes)) if (spec := registry.find(code))]
    forms: dict[str, list[Row]] = {}
    if specs:
        codes = [spec.code for spec in specs]
        rows = " ".join(_ROW.format(table=spec.model._meta.db_table) for spec in specs)
        with connection.cursor() as cursor:
            cursor.execute(_ROWS.format(rows=rows), [*codes, subject.pk, codes])
            for crf, record_id, sequence, visit, imported, zone, text in cursor.fetchall():
                if text is None:  # a record about to get its first answers
                    continue
                stored = json.loads(text, parse_float=Decimal)
                row = _row(crf, record_id, sequence, visit, imported, zone, stored)
                forms.setdefault(crf, []).append(row)
    site = subject.site
    return SubjectData(
        number=subject.number,
        site=site.number,
        time_zone=site.time_zone,
        site_activated_on=site.activated_on,
        forms=forms,
    )


def _row(crf: str, record_id: int, sequence: int, visit: str, imported: bool, zone: str, stored: dict[str, Any]) -> Row:
    values, utc = {}, {}
    for field in item_fields(registry.get(crf).model):
        value = typed(field, stored[str(field.column)])
        if isinstance(value, datetime):
            utc[field.name] = value
            value = moments.to_wall(value, zone)
        values[field.name] = value
    return Row(
        record_id=record_id,
        crf=crf,
        sequence=sequence,
        visit=visit,
        values=values,
        moments=utc,
        imported=imported,
    )


def typed(field: models.Field, value: Any) -> Any:
    """A JSON value as the column's type."""
    if value is None:
        return None
    if isinstance(field, models.DateTimeField):
        return datetime.fromisoformat(value)
    if isinstance(field, models.DateField):
        return date.fromisoformat(value)
    if isinstance(field, models.DecimalField):
        return Decimal(value)
    return value


def check_values(record: Any, row: Any) -> dict[str, Any]:
    """The answers of a typed row as checks see them: moments as the site's wall clock, links as record ids."""
    values = {}
    for field in item_fields(type(row)):
        value = getattr(row, field.attname)
        values[field.name] = moments.to_wall(value, record.time_zone) if isinstance(value, datetime) else value
    return values


def with_row(data: SubjectData, record: Any, row: Any) -> SubjectData:
    """The subject's forms, with this one as it would be if it were saved. A new record has the id 0 and comes last."""
    moment_values = {field.name: getattr(row, field.attname) for field in item_fields(type(row))}
    made = Row(
        record_id=record.pk or 0,
        crf=record.crf_code,
        sequence=record.sequence,
        visit=record.visit.code if record.visit_id else None,
        values=check_values(record, row),
        moments={name: value for name, value in moment_values.items() if isinstance(value, datetime)},
        imported=record.imported,
    )
    rows = list(data.rows(record.crf_code))
    place = next((index for index, saved in enumerate(rows) if saved.record_id == made.record_id), len(rows))
    return replace(data, forms={**data.forms, record.crf_code: [*rows[:place], made, *rows[place + 1 :]]})
