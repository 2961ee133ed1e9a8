"""The values under a signature: loaded now or as they were signed, and compared with what the signature says."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import connection

from trial import attestation, protocol
from trial.attestation import Content
from trial.crf import registry
from trial.history import history_model
from trial.models import FormRecord, Signature, SignedForm, item_fields
from trial.subject_forms import typed

_LOCK = """
SELECT '{code}', record_id
FROM (SELECT record_id FROM "{table}" WHERE record_id = ANY(%s) ORDER BY record_id FOR NO KEY UPDATE) held
"""
_NOW = """
SELECT '{code}', t.record_id, (SELECT max(h.pgh_id) FROM "{history}" h WHERE h.pgh_obj_id = t.record_id),
    to_jsonb(t)::text
FROM "{table}" t WHERE t.record_id = ANY(%s)
"""
_THEN = """
SELECT '{code}', h.record_id, h.pgh_id, to_jsonb(h)::text FROM "{history}" h WHERE h.pgh_id = ANY(%s)
"""


def name(record: FormRecord) -> str:
    """A form by its name within a subject: `Vital signs (Day 1)`, `Adverse event 3`. `visit` should be loaded."""
    if record.visit_id and record.visit:
        return f"{record.spec.title} ({protocol.get().visit(record.visit.code).label})"
    return f"{record.spec.title} {record.sequence}" if record.spec.log else record.spec.title


def lock(records: Iterable[FormRecord]) -> None:
    """Hold the answers of these forms until the transaction ends, against changes by whatever path. One statement."""
    _select(_LOCK, _by_crf((record.crf_code, record.pk) for record in records))


def current(records: Iterable[FormRecord]) -> dict[int, Content]:
    """record id -> its answers as they stand. One statement, however many forms and CRFs."""
    rows = _select(_NOW, _by_crf((record.crf_code, record.pk) for record in records))
    return {record_id: _content(code, history_id, text) for code, record_id, history_id, text in rows}


def as_signed(forms: Iterable[SignedForm]) -> dict[tuple[int, int], Content]:
    """(record id, history id) -> the answers as history keeps them from the moment of signing. One statement."""
    rows = _select(_THEN, _by_crf((form.record.crf_code, form.history_id) for form in forms))
    return {(record_id, history_id): _content(code, history_id, text) for code, record_id, history_id, text in rows}


def fingerprint(record: FormRecord, version: int, content: Content) -> str:
    return attestation.fingerprint(record_id=record.pk, crf_code=record.crf_code, version=version, content=content)


def verify(signature: Signature) -> list[str]:
    """What is wrong with a signature, in sentences; empty where it is of these forms and these values.

    The fingerprint of each form is computed anew from what history keeps, and while the signature holds, from the
    answers as they stand: a row copied to another form, or altered, agrees with neither. Three statements.
    """
    forms = list(signature.forms.select_related("record__visit"))
    holds = not hasattr(signature, "void")
    then, now = as_signed(forms), current(form.record for form in forms) if holds else {}
    if not forms:
        return ["This signature covers no form."]
    return [sentence for form in forms if (sentence := _problem(form, then, now if holds else None))]


def _problem(
    form: SignedForm, then: Mapping[tuple[int, int], Content], now: Mapping[int, Content] | None
) -> str | None:
    record, what = form.record, name(form.record)
    signed = then.get((form.record_id, form.history_id))
    if signed is None:
        return f"{what}: the signature names a history row that is not of this form. It was made for another one."
    if fingerprint(record, form.version, signed) != form.sha256:
        return f"{what}: what history keeps is not what was signed. The signature or the history was altered."
    if now is not None and (now.get(record.pk) != signed or record.deleted_at is not None):
        return f"{what}: the answers differ from those that were signed, though the signature is not void."
    return None


def _content(crf_code: str, history_id: int, text: str) -> Content:
    stored = json.loads(text, parse_float=Decimal)
    fields = item_fields(registry.get(crf_code).model)
    values = {field.name: typed(field, stored[str(field.column)]) for field in fields}
    return Content(values=values, missing=stored["missing"], history_id=history_id)


def _by_crf(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for code, key in pairs:
        found.setdefault(code, []).append(key)
    return found


def _select(sql: str, keys: Mapping[str, list[int]]) -> list[tuple[Any, ...]]:
    """The rows of one statement over the tables of these CRFs at once, their code first."""
    if not keys:
        return []
    models = {code: registry.get(code).model for code in keys}
    parts = [
        sql.format(code=code, table=model._meta.db_table, history=history_model(model)._meta.db_table)
        for code, model in models.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), list(keys.values()))
        return cursor.fetchall()
