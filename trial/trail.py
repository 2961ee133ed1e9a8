"""The audit trail as a list: item by item what changed, from what to what, who, when, why (EMA 2023, 6.2.1).

Rows come from the history tables that PostgreSQL writes. A page picks its rows over all tables in one statement and
reads them with the rows before them in a second one; an export reads table by table and holds one row at a time.
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

from trial import access, listing, missing, roles
from trial.crf import registry
from trial.models import Crf, User
from trial.permissions import Permission
from trial.subject_forms import typed

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
SILENT = frozenset({"id", "record_id", "subject_id", "site_id", "visit_id", "missing", "version", "submission"})
SILENT |= {"created_at", "created_by_id", "updated_at", "updated_by_id", "source_line", "source_hash", "token_sha256"}
ACTOR = "(SELECT u.full_name FROM trial_user u WHERE u.id = h.pgh_actor_id)"
SITE = "(SELECT s.number FROM trial_site s WHERE s.id = {site})"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What to list. Each part that is given narrows it.

    reach: what the reader sees, as `access.reach` says it; None is everything. people: whether changes of accounts and
    sites belong to it. updates: only changes of what stood before.
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
        return _columns(self.model)


@cache
def _columns(model: Any) -> Mapping[str, models.Field]:
    """Column -> field, of the columns that say something."""
    return {
        str(column.column): column
        for column in model._meta.concrete_fields
        if column.column not in SILENT and not isinstance(column, models.GeneratedField)
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
    found: list[tuple[str, Any]] = [
        (f"{table.subject} = %s", wanted.subject),
        (f"{table.record} = %s", wanted.record),
        (f"{table.site} = %s", wanted.site),
        ("h.pgh_actor_id = %s", wanted.actor),
        ("h.pgh_role = %s", wanted.role or None),
        ("h.pgh_created_at >= %s", wanted.since),
        ("h.pgh_created_at < %s", wanted.until),
        ("h.pgh_label = %s", "update" if wanted.updates else None),
    ]
    given = [(sql, value) for sql, value in found if value is not None]
    seen, parameters = _seen(table, wanted)
    return " AND ".join([seen, *(sql for sql, _ in given)]), [*parameters, *(value for _, value in given)]


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


def _keys(wanted: Filter, limit: int, offset: int) -> list[tuple[str, int]]:
    """(table, history id) of the newest rows over all tables. One statement."""
    parts, parameters = [], []
    for table in tables():
        if condition := _conditions(table, wanted):
            parts.append(_KEYS.format(table=table.table, history=table.history, joins=table.joins, where=condition[0]))
            parameters += condition[1]
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"{' UNION ALL '.join(parts)} ORDER BY 3 DESC, 2 DESC LIMIT %s OFFSET %s", [*parameters, limit, offset]
        )
        return [(table, pk) for table, pk, _ in cursor.fetchall()]


_LINE = """
SELECT '{table}', h.pgh_id, to_jsonb(h)::text, {before}::text, {actor}, (SELECT u.username FROM trial_user u
    WHERE u.id = h.pgh_actor_id), {site_number}, (SELECT s.number FROM trial_subject s WHERE s.id = {subject}),
    {record}, {code}, h.pgh_created_at
FROM "{history}" h {joins}
"""
_BEFORE = """
(SELECT to_jsonb(b) FROM "{history}" b WHERE b.pgh_obj_id = h.pgh_obj_id AND b.pgh_id < h.pgh_id
 ORDER BY b.pgh_id DESC LIMIT 1)
"""


def _select(table: Trailed, before: str) -> str:
    return _LINE.format(
        table=table.table,
        history=table.history,
        joins=table.joins,
        before=before.format(history=table.history),
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
    keys = _keys(wanted, limit, offset)
    if not keys:
        return []
    by_table: dict[str, list[int]] = {}
    for table, pk in keys:
        by_table.setdefault(table, []).append(pk)
    chosen = [table for table in tables() if table.table in by_table]
    sql = " UNION ALL ".join(f"{_select(table, _BEFORE)} WHERE h.pgh_id = ANY(%s)" for table in chosen)
    with connection.cursor() as cursor:
        cursor.execute(sql, [by_table[table.table] for table in chosen])
        rows = {(row[0], row[1]): row for row in cursor.fetchall()}
    named = {table.table: table for table in chosen}
    return [
        change for key in keys for change in _changes(named[key[0]], rows[key])
        if not wanted.item or change.item == wanted.item
    ]  # fmt: skip


def stream(wanted: Filter, *, chunk: int = 2000) -> Iterator[Change]:
    """Every change, table by table and row by row in the order of writing; holds one chunk of rows at a time."""
    for table in tables():
        condition = _conditions(table, wanted)
        if condition is None:
            continue
        # The row before is looked up before the filter cuts: a change since a day is a change from what stood before.
        with connection.chunked_cursor() as cursor:
            cursor.execute(f"{_select(table, _BEFORE)} WHERE {condition[0]} ORDER BY 2", condition[1])
            while rows := cursor.fetchmany(chunk):
                for row in rows:
                    yield from (c for c in _changes(table, row) if not wanted.item or c.item == wanted.item)


# --- reading -----------------------------------------------------------------------------------------------------


def _changes(table: Trailed, row: Sequence[Any]) -> Iterator[Change]:
    """What one history row changed, item by item. A row that only counts a save says nothing."""
    _, pk, after_text, before_text, actor, username, site, subject, record, code, at = row
    after, before = _stored(after_text), _stored(before_text)
    reasons = after.get("pgh_reasons") or {}
    for name, column, old, new in _differences(table, before, after):
        yield Change(
            history_id=pk,
            table=table.table,
            kind=after["pgh_label"],
            subject=subject or "",
            site=site or "",
            form=registry.get(code).title if code else str(table.model._meta.verbose_name).capitalize(),
            record=record,
            item=name,
            label=_label(table, name, column),
            old=old,
            new=new,
            by=actor or "",
            username=username or "",
            role=_role(after["pgh_role"]),
            at=at,
            reason=reasons.get(name) or after["pgh_reason"],
            app_version=after["pgh_app_version"],
            source=after["pgh_source"],
        )


def _stored(text: str | None) -> dict[str, Any]:
    """A row of PostgreSQL's JSON; decimals stay decimals."""
    return dict(json.loads(text, parse_float=Decimal)) if text else {}


def _differences(
    table: Trailed, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, models.Field, str, str]]:
    zone = "UTC"
    if after["pgh_label"] == "delete":
        before, after = after, {}
    for column in table.columns.values():
        old, new = _words(column, before, zone), _words(column, after, zone)
        if old != new:
            yield column.name, column, old, new


def _words(column: models.Field, row: Mapping[str, Any], zone: str) -> str:
    """A value as it is read; of an item without one, why there is none."""
    value = row.get(str(column.column))
    code = (row.get("missing") or {}).get(column.name) if value is None else None
    if code:
        return missing.show(code)
    if column.is_relation:
        return "" if value is None else f"No. {value}"
    return listing.shown(column, typed(column, value), zone)


def _label(table: Trailed, name: str, column: models.Field) -> str:
    if table.crf and registry.get(table.crf).has_item(name):
        return registry.get(table.crf).item(name).label
    return str(column.verbose_name).capitalize()


@cache
def _role(code: str) -> str:
    known = {role.code: role.name for role in roles.all_roles()}
    return known.get(code, code)
