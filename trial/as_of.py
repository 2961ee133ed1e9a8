"""The data as they stood at a past moment, from history alone.

A schema `as_of` holds, for every table that leaves history and every table that is written once, a view of the same
name and columns: the rows that had been committed by the moment in `cradle.as_of`. Within `showing` the session looks
there first, so that every page, with the very code that made it then, is made from what stood then. People, roles and
sites stay those of today: who may look is decided now.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from trial import clock
from trial.history import HistoryRow
from trial.models import Crf, TableClass

SCHEMA = "as_of"
# Functions of the guards that pages call.
ASKED = ("cradle_lock_in_words", "cradle_is_locked")
# Tables with history that a page of the past shows; the rest of them say who may look.
TRACKED = ("trial.Subject", "trial.Visit", "trial.FormRecord", "trial.Query")
# Written once, each row with its changeset.
WRITTEN_ONCE = (
    "trial.Lock",
    "trial.QueryMessage",
    "trial.Signature",
    "trial.SignatureVoid",
    "trial.ReviewMark",
    "trial.CheckRetirement",
    "trial.Prompt",
)

_COMMITTED = """
    CASE WHEN {row}.{changeset} IS NULL THEN {row}.{written} <= current_setting('cradle.as_of')::timestamptz
    ELSE EXISTS (SELECT FROM public.trial_changeset c WHERE c.id = {row}.{changeset}
                 AND c.committed_at <= current_setting('cradle.as_of')::timestamptz) END
"""
_NEWEST = """
CREATE VIEW as_of."{table}" AS SELECT {columns} FROM public."{history}" h
WHERE h.pgh_label <> 'delete' AND {committed} AND NOT EXISTS (
    SELECT FROM public."{history}" n WHERE n.pgh_obj_id = h.pgh_obj_id AND n.pgh_id > h.pgh_id AND {newer_committed})
"""
_ONCE = 'CREATE VIEW as_of."{table}" AS SELECT w.* FROM public."{table}" w WHERE {committed}'
# A signature's forms are written with it; a draft never was part of what others saw.
_FORMS = (
    "CREATE VIEW as_of.trial_signedform AS"
    " SELECT f.* FROM public.trial_signedform f WHERE f.signature_id IN (SELECT s.id FROM as_of.trial_signature s)"
)
_DRAFTS = "CREATE VIEW as_of.trial_draft AS SELECT * FROM public.trial_draft WHERE false"


@contextmanager
def showing(moment: datetime) -> Iterator[None]:
    """Inside, what the ORM reads is what had been committed by `moment`; nothing can be written."""
    with clock.showing(moment), transaction.atomic():
        _look(f"{SCHEMA}, public", moment.isoformat())
        try:
            yield
        finally:
            if not connection.needs_rollback:
                _look("public", "")


def _look(path: str, moment: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('search_path', %s, true), set_config('cradle.as_of', %s, true)", [path, moment]
        )


def make_views(cursor: Any, owner: BaseDatabaseWrapper, role: str) -> None:
    """Make the schema anew, as the owner, and let the application read it. A new CRF gets its view unasked."""
    drop_views(cursor)
    cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    for statement in (*_views(owner), _FORMS, _DRAFTS, *_functions(cursor)):
        cursor.execute(statement)
    cursor.execute(f'GRANT USAGE ON SCHEMA {SCHEMA} TO "{role}"')
    cursor.execute(f'GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO "{role}"')


def drop_views(cursor: Any) -> None:
    """Before a migration: PostgreSQL changes no column that a view shows."""
    cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def _views(owner: BaseDatabaseWrapper) -> Iterable[str]:
    for model in [apps.get_model(name) for name in TRACKED] + [m for m in apps.get_models() if issubclass(m, Crf)]:
        yield _NEWEST.format(
            table=model._meta.db_table,
            history=model.pgh_event_model._meta.db_table,
            columns=", ".join(_column(field, owner) for field in model._meta.concrete_fields),
            committed=_committed("h", "pgh_changeset", "pgh_created_at"),
            newer_committed=_committed("n", "pgh_changeset", "pgh_created_at"),
        )
    for name in WRITTEN_ONCE:
        table = apps.get_model(name)._meta.db_table
        yield _ONCE.format(table=table, committed=_committed("w", "changeset", "at"))


def _committed(row: str, changeset: str, written: str) -> str:
    return _COMMITTED.format(row=row, changeset=changeset, written=written)


def _column(field: models.Field, owner: BaseDatabaseWrapper) -> str:
    """A column as history keeps it; a generated one is computed again from those."""
    if isinstance(field, models.GeneratedField):
        sql, parameters = field.generated_sql(owner)
        if parameters:
            raise ValueError(f"{field} is generated with parameters, which a view cannot hold.")
        return f'({sql}) AS "{field.column}"'
    return f'h."{field.column}"'


def _functions(cursor: Any) -> Iterable[str]:
    """What the guards ask of the tables, asked of the views: the same text with another search path."""
    for name in ASKED:
        cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [f"public.{name}"])
        (definition,) = cursor.fetchone()
        yield definition.replace(f"public.{name}", f"{SCHEMA}.{name}").replace(
            "SET search_path TO 'public', 'pg_temp'", f"SET search_path TO '{SCHEMA}', 'public', 'pg_temp'"
        )


def kept() -> set[str]:
    """Tables whose past can be shown."""
    tracked = {apps.get_model(name)._meta.db_table for name in (*TRACKED, *WRITTEN_ONCE)}
    return tracked | {"trial_signedform"} | {m._meta.db_table for m in apps.get_models() if issubclass(m, Crf)}


def clinical_tables() -> set[str]:
    """Tables that a page of a casebook may read and that change: each of them has to be among `kept`."""
    changing = {TableClass.CLINICAL, TableClass.APPEND_ONLY}
    return {
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "table_class", None) in changing and not issubclass(model, HistoryRow)
    }
