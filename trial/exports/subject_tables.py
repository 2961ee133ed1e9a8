"""All that is kept of one subject, as CSV files with open names: what its archive holds and is compared with.

Files are UTF-8 with a byte order mark, moments ISO 8601 in UTC, dates ISO (partial ones as far as known), codes as they
are stored; `data-dictionary.csv` has their words.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from trial import missing, protocol, trail
from trial.crf import registry
from trial.crf.fields import is_partial_date
from trial.crf.spec import CrfSpec, Item
from trial.exports import lists
from trial.exports import trail as trail_export
from trial.models import (
    FormRecord,
    Query,
    QueryMessage,
    ReviewMark,
    SignatureVoid,
    SignedForm,
    Subject,
    Visit,
    item_fields,
)

AUDIT_TRAIL = "audit-trail.csv"


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the database holds of one subject. records: deleted forms too, visit by visit, then the logs."""

    subject: Subject
    visits: Sequence[Visit]
    records: Sequence[FormRecord]
    answers: Mapping[int, Any]
    changes: Sequence[trail.Change]
    queries: Sequence[Query]
    messages: Sequence[QueryMessage]
    signed: Sequence[SignedForm]
    marks: Sequence[ReviewMark]


@dataclass(frozen=True, kw_only=True)
class CsvFile:
    """One file. keys: the columns whose values together name a row. rows: without the heading."""

    keys: tuple[str, ...]
    content: bytes
    rows: int


def gather(subject: Subject) -> Held:
    """Everything of the subject, whoever asks. One statement a CRF that it has."""
    records = FormRecord.objects.filter(subject=subject).select_related("visit", "site", "created_by", "updated_by")
    queries = Query.objects.filter(subject=subject).select_related("visit", "record__visit", "opened_by", "closed_by")
    signed = SignedForm.objects.filter(signature__subject=subject).select_related(
        "signature__by", "signature__void__by", "record__visit"
    )
    marks = ReviewMark.objects.filter(record__subject=subject).select_related("by", "record")
    return Held(
        subject=subject,
        visits=list(subject.visits.order_by("position", "id")),
        records=sorted(records, key=_place),
        answers=_answers(subject, {record.crf_code for record in records}),
        changes=list(trail.stream(trail.Filter(subject=subject.pk))),
        queries=list(queries.order_by("id")),
        messages=list(QueryMessage.objects.filter(query__subject=subject).select_related("by").order_by("id")),
        signed=list(signed.order_by("signature_id", "id")),
        marks=list(marks.order_by("id")),
    )


def _place(record: FormRecord) -> tuple[bool, int, int, int, int]:
    """Where a form stands in the casebook: its visit, the order of the CRFs, its number. Logs come last."""
    position = record.visit.position if record.visit else 0
    codes = [spec.code for spec in registry.all_specs()]
    return record.visit is None, position, codes.index(record.crf_code), record.sequence, record.pk


def _answers(subject: Subject, codes: Iterable[str]) -> dict[int, Any]:
    return {
        row.pk: row
        for code in sorted(codes)
        for row in registry.get(code).model.objects.filter(record__subject=subject)
    }


def csv_files(held: Held) -> dict[str, CsvFile]:
    """File name -> file, in the order of the archive. Equal data give equal bytes."""
    return {
        "subject.csv": _file(("subject",), SUBJECT, [_subject_row(held.subject)]),
        "visits.csv": _file(("visit",), VISITS, (_visit_row(visit) for visit in held.visits)),
        **{f"data/{spec.code}.csv": _data(spec, held) for spec in registry.all_specs()},
        AUDIT_TRAIL: _trail(held.changes),
        "queries.csv": _file(("query_id",), QUERIES, (_query_row(query) for query in held.queries)),
        "query-threads.csv": _file(("entry_id",), THREADS, (_message_row(message) for message in held.messages)),
        "signatures.csv": _file(("signature_id", "record_id"), SIGNATURES, map(_signature_row, held.signed)),
        "verification.csv": _file(("mark_id",), MARKS, (_mark_row(mark) for mark in held.marks)),
        "data-dictionary.csv": _file(("crf", "item"), DICTIONARY, _dictionary()),
    }


def _file(keys: tuple[str, ...], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> CsvFile:
    lines = list(lists.lines(columns, rows))
    return CsvFile(keys=keys, content="".join(lines).encode(), rows=len(lines) - 1)


def _trail(changes: Sequence[trail.Change]) -> CsvFile:
    text = lists.MARK + "".join(trail_export.rows(changes))
    return CsvFile(keys=("table", "history_id", "item"), content=text.encode(), rows=len(changes))


def _yes(value: bool) -> str:
    return "yes" if value else "no"


# --- subject and visits --------------------------------------------------------------------------------------------

SUBJECT = ("subject", "site", "site_name", "time_zone", "state", "study_entry", "synthetic", "source", "created_at")
VISITS = ("visit", "label", "target", "opens", "closes")


def _subject_row(subject: Subject) -> tuple[Any, ...]:
    site = subject.site
    known = (site.number, site.name, site.time_zone, subject.state, subject.entered_on, _yes(subject.synthetic))
    return subject.number, *known, subject.source, subject.created_at


def _visit_row(visit: Visit) -> tuple[Any, ...]:
    return visit.code, protocol.get().visit(visit.code).label, visit.target, visit.opens, visit.closes


def _visit_code(record: FormRecord | None) -> str:
    return record.visit.code if record and record.visit else ""


# --- answers -------------------------------------------------------------------------------------------------------

SPINE = (
    "record_id", "visit", "sequence", "version", "state", "time_zone", "entered_at", "entered_by", "saved_at",
    "saved_by", "deleted_at", "deleted_reason", "source_system", "source_id",
)  # fmt: skip


def _data(spec: CrfSpec, held: Held) -> CsvFile:
    """One row a form: what names it, its answers, and why an answer is missing."""
    fields = item_fields(spec.model)
    columns = (*SPINE, *(field.name for field in fields), *(f"{field.name}_missing" for field in fields))
    records = [record for record in held.records if record.crf_code == spec.code]
    rows = ((*_spine(record), *_item_cells(fields, held.answers.get(record.pk))) for record in records)
    return _file(("record_id",), columns, rows)


def _spine(record: FormRecord) -> tuple[Any, ...]:
    return (
        record.pk, _visit_code(record), record.sequence, record.version, record.state, record.time_zone,
        record.created_at, record.created_by.full_name, record.updated_at, record.updated_by.full_name,
        record.deleted_at, record.deleted_reason, record.source_system, record.source_id,
    )  # fmt: skip


def _item_cells(fields: Sequence[models.Field], row: Any) -> Iterator[Any]:
    yield from (getattr(row, field.attname, None) for field in fields)
    codes = row.missing if row else {}
    yield from (_missing_cell(codes.get(field.name)) for field in fields)


def _missing_cell(given: Mapping[str, str] | None) -> str:
    """`ND`, or with its reason `ND: thermometer broken`."""
    if not given:
        return ""
    return f"{given['code']}: {given['reason']}" if given.get("reason") else given["code"]


# --- queries, signatures, marks ------------------------------------------------------------------------------------

QUERIES = (
    "query_id", "record_id", "crf", "visit", "item", "check", "text", "state", "confirmed", "opened_at", "opened_by",
    "opened_role", "answered_at", "reopened", "closed_at", "closed_by",
)  # fmt: skip
THREADS = ("entry_id", "query_id", "at", "by", "role", "step", "reason_code", "text")
SIGNATURES = (
    "signature_id", "record_id", "crf", "visit", "sequence", "version", "sha256", "scope", "printed_name", "username",
    "role", "meaning", "statement", "statement_version", "signed_at", "time_zone", "void_at", "void_by", "void_reason",
    "void_record_id", "void_items",
)  # fmt: skip
MARKS = ("mark_id", "record_id", "kind", "given", "items", "stands", "whole", "version", "at", "by", "role", "reason")


def _query_row(query: Query) -> tuple[Any, ...]:
    visit = query.visit.code if query.visit else _visit_code(query.record)
    return (
        query.pk, query.record_id, query.crf_code, visit, query.item, query.check_code, query.text, query.state,
        _yes(query.confirmed), query.opened_at, query.opened_by.full_name, query.opened_role, query.answered_at,
        query.reopened, query.closed_at, query.closed_by.full_name if query.closed_by else None,
    )  # fmt: skip


def _message_row(entry: QueryMessage) -> tuple[Any, ...]:
    said = (entry.step, entry.reason_code, entry.text)
    return entry.pk, entry.query_id, entry.at, entry.by.full_name, entry.role, *said


def void_of(signed: SignedForm) -> SignatureVoid | None:
    """Why the signature over this form holds no more; None while it holds."""
    return getattr(signed.signature, "void", None)


def _signature_row(signed: SignedForm) -> tuple[Any, ...]:
    signature, record = signed.signature, signed.record
    return (
        signature.pk, record.pk, record.crf_code, _visit_code(record), record.sequence, signed.version, signed.sha256,
        signature.scope, signature.printed_name, signature.by.username, signature.role, signature.meaning,
        signature.statement, signature.statement_version, signature.at, signature.time_zone,
        *_void_cells(void_of(signed)),
    )  # fmt: skip


def _void_cells(void: SignatureVoid | None) -> tuple[Any, ...]:
    if void is None:
        return (None,) * 5
    return void.at, void.by.full_name, void.reason, void.record_id, " ".join(void.items)


def _mark_row(mark: ReviewMark) -> tuple[Any, ...]:
    marked = (_yes(mark.given), " ".join(mark.items), " ".join(mark.stands), _yes(mark.whole), mark.version)
    return mark.pk, mark.record_id, mark.kind, *marked, mark.at, mark.by.full_name, mark.role, mark.reason


# --- the dictionary ------------------------------------------------------------------------------------------------

DICTIONARY = ("crf", "form", "section", "item", "label", "unit", "type", "codes", "missing_codes", "required")


def _dictionary() -> Iterator[tuple[Any, ...]]:
    codes = "; ".join(f"{code} = {label}" for code, label in missing.MISSING.items())
    for spec in registry.all_specs():
        for section in spec.sections:
            for item in section.items:
                field = spec.model._meta.get_field(item.name)
                asked = (item.name, item.label, item.unit, _type(field, item), _codes(field), codes)
                yield spec.code, spec.title, section.title, *asked, _yes(item.required)


def _codes(field: Any) -> str:
    return "; ".join(f"{code} = {label}" for code, label in field.choices or ())


def _type(field: Any, item: Item) -> str:
    """What a column holds, in words."""
    if item.links_to:
        return f"record_id of {' or '.join(item.links_to)}"
    if field.choices:
        return "code"
    if is_partial_date in field.validators:
        return "date, month or day may be unknown"
    return _TYPES.get(type(field), "text")


_TYPES: dict[type, str] = {
    models.DateTimeField: "moment",
    models.DateField: "date",
    models.DecimalField: "decimal number",
    models.IntegerField: "whole number",
}
