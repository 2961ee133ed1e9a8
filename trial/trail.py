"""The audit trail as a list: item by item what changed, from what to what, who, when, why (EMA 2023, 6.2.1).

Rows come from the history tables that PostgreSQL writes. A page picks its rows over all tables in one statement and
reads them with the rows before them in a second one; an export does the same some thousand rows at a time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models

from trial import access, trail_words
from trial.crf import registry
from trial.models import Crf, User
from trial.permissions import Permission

# Beside the CRFs. The rest of the tables with history tell of people and sites.
CLINICAL = ("trial.Subject", "trial.Visit", "trial.FormRecord", "trial.Query")
PEOPLE = (
    "trial.Site",
    "trial.User",
    "trial.Membership",
    "trial.Delegation",
    "trial.Invitation",
    "trial.Training",
    "trial.VerificationPlan",
)
# Columns that change with every save and say nothing of their own, or stand in the line already.
SILENT = frozenset({"id", "created_at", "created_by_id", "updated_at", "updated_by_id", "token_sha256"})
SILENT_OF_SUBJECTS = frozenset({"record_id", "subject_id", "site_id", "visit_id", "missing", "version", "submission"})
SILENT_OF_SUBJECTS |= {"source_line", "source_hash", "fingerprint"}
# Of a form's spine these tell of a correction: that it was deleted, and why.
DELETION = ("deleted_at", "deleted_reason")
ACTOR = "(SELECT u.full_name FROM trial_user u WHERE u.id = h.pgh_actor_id)"
SITE = "(SELECT s.number FROM trial_site s WHERE s.id = {site})"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What to list. Each part that is given narrows it.

    reach: what the reader sees, as `access.reach` says it; None is everything. people: whether changes of accounts and
    sites belong to it. updates: only changes of saved forms, that is of their answers, and deletions; not what follows
    from them, such as a form's state. corrections: of these not the answers given where there was none.
    """

    reach: tuple[tuple[int | None, frozenset[str] | None], ...] | None = None
    people: bool = False
    site: int | None = None
    subject: int | None = None
    record: int | None = None
    crf: str = ""
    item: str = ""
    actor: int | None = None
    role: str = ""
    since: datetime | None = None
    until: datetime | None = None
    updates: bool = False
    corrections: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """One item's change, as it is read: codes in words, moments in UTC."""

    history_id: int
    table: str
    kind: str
    subject: str
    site: str
    form: str
    record: int | None
    item: str
    label: str
    old: str
    new: str
    by: str
    username: str
    role: str
    at: datetime
    reason: str
    app_version: str
    source: str


@dataclass(frozen=True)
class Trailed:
    """A table of the trail: how its rows find their subject, site and form."""

    model: Any
    crf: str = ""
    joins: str = ""
    subject: str = "NULL::bigint"
    site: str = "NULL::bigint"
    record: str = "NULL::bigint"
    code: str = "NULL::text"
    people: bool = field(default=False)

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)

    @property
    def history(self) -> str:
        return str(self.model.pgh_event_model._meta.db_table)

    @property
    def columns(self) -> Mapping[str, models.Field]:
        return _columns(self.model, self.people)

    @property
    def corrected(self) -> Mapping[str, models.Field]:
        """The columns whose change is a correction: of a CRF its answers, of the spine the deletion."""
        if self.crf:
            return self.columns
        is_spine = self.model._meta.label == "trial.FormRecord"
        return {name: self.columns[name] for name in DELETION} if is_spine else {}


@cache
def _columns(model: Any, people: bool) -> Mapping[str, models.Field]:
    """Column -> field, of the columns that say something."""
    silent = SILENT if people else SILENT | SILENT_OF_SUBJECTS
    return {
        str(column.column): column
        for column in model._meta.concrete_fields
        if column.column not in silent and not isinstance(column, models.GeneratedField)
    }


@cache
def tables() -> tuple[Trailed, ...]:
    """Every table of the trail. A new CRF's is among them unasked."""
    spine = "JOIN trial_formrecord r ON r.id = h.pgh_obj_id"
    crfs = [
        Trailed(spec.model, spec.code, spine, "r.subject_id", "r.site_id", "r.id", "r.crf_code")
        for spec in registry.all_specs()
        if issubclass(spec.model, Crf)
    ]
    subject, visit, record, query = (apps.get_model(name) for name in CLINICAL)
    return (
        Trailed(subject, subject="h.pgh_obj_id", site="h.site_id"),
        Trailed(visit, subject="h.subject_id", site="h.site_id"),
        Trailed(record, subject="h.subject_id", site="h.site_id", record="h.pgh_obj_id", code="h.crf_code"),
        *crfs,
        Trailed(query, subject="h.subject_id", site="h.site_id", record="h.record_id", code="h.crf_code"),
        *(Trailed(apps.get_model(name), people=True) for name in PEOPLE),
    )


def reach(user: User) -> Filter:
    """All that this user may read of the trail: own sites and CRFs, and with the right to it all, people and sites."""
    return Filter(reach=access.reach(user), people=access.may_anywhere(user, Permission.VIEW_AUDIT))


# --- picking -----------------------------------------------------------------------------------------------------


def _conditions(table: Trailed, wanted: Filter) -> tuple[str, list[Any]] | None:
    """The WHERE of one table and its parameters; None where none of its rows is wanted."""
    clinical = (wanted.subject, wanted.record, wanted.site, wanted.crf or None, wanted.item or None)
    if table.people and (not wanted.people or any(part is not None for part in clinical)):
        return None
    if (wanted.crf or wanted.item) and table.crf != wanted.crf:
        return None
    if wanted.record is not None and table.record == "NULL::bigint":
        return None
    updates = wanted.updates or wanted.corrections
    if updates and not table.corrected:
        return None
    found: list[tuple[str, Any]] = [
        (f"{table.subject} = %s", wanted.subject),
        (f"{table.record} = %s", wanted.record),
        (f"{table.site} = %s", wanted.site),
        ("h.pgh_actor_id = %s", wanted.actor),
        ("h.pgh_role = %s", wanted.role or None),
        ("h.pgh_created_at >= %s", wanted.since),
        ("h.pgh_created_at < %s", wanted.until),
        ("h.pgh_label = %s", "update" if updates else None),
    ]
    given = [(sql, value) for sql, value in found if value is not None]
    seen, parameters = _seen(table, wanted)
    corrected = [_corrected(table, wanted)] if updates else []
    return " AND ".join([seen, *(sql for sql, _ in given), *corrected]), [*parameters, *(value for _, value in given)]


_WAS_CORRECTED = """
EXISTS (SELECT FROM "{history}" b WHERE b.pgh_id = (SELECT max(p.pgh_id) FROM "{history}" p
    WHERE p.pgh_obj_id = h.pgh_obj_id AND p.pgh_id < h.pgh_id) AND ({changed}))
"""


def _corrected(table: Trailed, wanted: Filter) -> str:
    """Whether an answer, or why there was none, became another one. A deleted form does not change any more."""
    if not table.crf:
        return "h.deleted_at IS NOT NULL"
    if not wanted.corrections:
        return "true"
    changed = [f'b."{name}" IS NOT NULL AND b."{name}" IS DISTINCT FROM h."{name}"' for name in table.corrected]
    changed.append("b.missing <> '{}'::jsonb AND b.missing IS DISTINCT FROM h.missing")
    return _WAS_CORRECTED.format(history=table.history, changed=" OR ".join(changed))


def _seen(table: Trailed, wanted: Filter) -> tuple[str, list[Any]]:
    """Each role reaches its own CRFs at its own sites; who sees some CRFs only sees nothing that is of none."""
    if wanted.reach is None or table.people:
        return "true", []
    parts, parameters = ["false"], list[Any]()
    for site, crfs in wanted.reach:
        part = "true"
        if site is not None:
            part += f" AND {table.site} = %s"
            parameters.append(site)
        if crfs is not None:
            part += f" AND {table.code} = ANY(%s)"
            parameters.append(sorted(crfs))
        parts.append(f"({part})")
    return f"({' OR '.join(parts)})", parameters


_KEYS = "SELECT '{table}', h.pgh_id, h.pgh_created_at FROM \"{history}\" h {joins} WHERE {where}"
Key = tuple[str, int]  # table, history id


def _keys(wanted: Filter) -> tuple[str, list[Any]]:
    """The statement that picks (table, history id, moment) over all tables, with its parameters; empty for none."""
    parts, parameters = [], []
    for table in tables():
        if condition := _conditions(table, wanted):
            parts.append(_KEYS.format(table=table.table, history=table.history, joins=table.joins, where=condition[0]))
            parameters += condition[1]
    return " UNION ALL ".join(parts), parameters


def _newest(wanted: Filter, limit: int, offset: int) -> list[Key]:
    """The newest rows over all tables. One statement."""
    sql, parameters = _keys(wanted)
    if not sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY 3 DESC, 2 DESC LIMIT %s OFFSET %s", [*parameters, limit, offset])
        return [(table, pk) for table, pk, _ in cursor.fetchall()]


_LINE = """
SELECT '{table}', h.pgh_id, {after}::text, {before}::text, {actor}, (SELECT u.username FROM trial_user u
    WHERE u.id = h.pgh_actor_id), {site_number}, (SELECT s.number FROM trial_subject s WHERE s.id = {subject}),
    {record}, {code}, h.pgh_created_at
FROM "{history}" h {joins}
"""
_BEFORE = """
(SELECT {row} FROM "{history}" b WHERE b.pgh_obj_id = h.pgh_obj_id AND b.pgh_id < h.pgh_id
 ORDER BY b.pgh_id DESC LIMIT 1)
"""


def _select(table: Trailed) -> str:
    return _LINE.format(
        table=table.table,
        history=table.history,
        joins=table.joins,
        after=trail_words.with_names("h", table.columns),
        before=_BEFORE.format(row=trail_words.with_names("b", table.columns), history=table.history),
        actor=ACTOR,
        site_number=SITE.format(site=f"coalesce({table.site}, h.pgh_site_id)"),
        subject=table.subject,
        record=table.record,
        code=table.code,
    )


def page(wanted: Filter, *, limit: int, offset: int = 0) -> list[Change]:
    """The newest changes. limit, offset: in history rows, of which one may hold several items' changes.

    Two statements.
    """
    return list(_read(_newest(wanted, limit, offset), wanted))


def stream(wanted: Filter, *, chunk: int = 2000) -> Iterator[Change]:
    """Every change, the oldest first, whichever table it stands in; holds one chunk of rows at a time.

    PostgreSQL sorts the keys; the rows are then read a chunk a statement.
    """
    sql, parameters = _keys(wanted)
    if not sql:
        return
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY 3, 1, 2", parameters)
        while keys := cursor.fetchmany(chunk):
            yield from _read([(table, pk) for table, pk, _ in keys], wanted)


def _read(keys: Sequence[Key], wanted: Filter) -> Iterator[Change]:
    """The changes of these history rows, in their order. One statement."""
    if not keys:
        return
    by_table: dict[str, list[int]] = {}
    for name, pk in keys:
        by_table.setdefault(name, []).append(pk)
    chosen = {table.table: table for table in tables() if table.table in by_table}
    # The row before is looked up whatever the filter: a change since a day is a change from what stood before.
    sql = " UNION ALL ".join(f"{_select(table)} WHERE h.pgh_id = ANY(%s)" for table in chosen.values())
    with connection.cursor() as cursor:
        cursor.execute(sql, [by_table[name] for name in chosen])
        rows = {(row[0], row[1]): row for row in cursor.fetchall()}
    for key in keys:
        yield from (change for change in _changes(chosen[key[0]], rows[key]) if _fits(change, chosen[key[0]], wanted))


def _fits(change: Change, table: Trailed, wanted: Filter) -> bool:
    """A row may hold other items' changes too, and first answers beside corrections."""
    if wanted.item and change.item != wanted.item:
        return False
    if table.crf:
        return bool(change.old) or not wanted.corrections
    return change.item in DELETION or not (wanted.updates or wanted.corrections)


def is_answer(change: Change) -> bool:
    """Whether it is a change of an item, not of the spine, a visit, a query or a person."""
    return any(table.crf and table.table == change.table for table in tables())


# --- reading -----------------------------------------------------------------------------------------------------


def _changes(table: Trailed, row: Sequence[Any]) -> Iterator[Change]:
    """What one history row changed, item by item. A row that only counts a save says nothing."""
    _, pk, after_text, before_text, actor, username, site, subject, record, code, at = row
    after, before = _stored(after_text), _stored(before_text)
    reasons = after.get("pgh_reasons") or {}
    form = trail_words.form(table.model, code, after)
    for column, old, new in _differences(table, before, after):
        yield Change(
            history_id=pk,
            table=table.table,
            kind=after["pgh_label"],
            subject=subject or "",
            site=site or "",
            form=form,
            record=record,
            item=column.name,
            label=trail_words.label(table.table, table.crf, column),
            old=old,
            new=new,
            by=actor or "",
            username=username or "",
            role=trail_words.role(after["pgh_role"]),
            at=at,
            reason=reasons.get(column.name) or after["pgh_reason"],
            app_version=after["pgh_app_version"],
            source=after["pgh_source"],
        )


def _stored(text: str | None) -> dict[str, Any]:
    """A row of PostgreSQL's JSON; decimals stay decimals."""
    return dict(json.loads(text, parse_float=Decimal)) if text else {}


def _differences(
    table: Trailed, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[models.Field, str, str]]:
    if after["pgh_label"] == "delete":
        before, after = after, {}
    for name, column in table.columns.items():
        old, new = (trail_words.value(table.table, column, row) for row in (before, after))
        # Two people may have one name, and another key is another person.
        if old != new or (column.is_relation and before.get(name) != after.get(name)):
            yield column, old, new
