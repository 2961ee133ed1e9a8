"""Who changes what, and why: the actor of every change, and the changes of every record.

PostgreSQL writes the history (triggers of django-pghistory into one typed table per tracked table). Its columns for
actor, role, site, reason, app version and source have defaults that read this transaction's settings at the moment of
the row, so that a query closed by *system* inside a nurse's save shows both.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import pghistory
import pghistory.models
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.expressions import Func, RawSQL

from trial import locks, missing

SYSTEM_USERNAME = "system"
_current = threading.local()


def _setting(name: str, output: models.Field) -> Func:
    return Func(function=f"cradle_{name}", output_field=output)


def changeset() -> models.BigIntegerField:
    """The column that names the transaction (`Changeset`) which wrote the row; PostgreSQL fills it."""
    return models.BigIntegerField(
        null=True, editable=False, db_index=False, db_default=_setting("changeset", models.BigIntegerField())
    )


class HistoryRow(pghistory.models.Event):
    """Base of every history table: whose change it was, in the row itself."""

    pgh_actor = models.ForeignKey(
        "trial.User",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_default=_setting("actor_id", models.BigIntegerField()),
    )
    pgh_role = models.CharField(max_length=40, db_default=_setting("role", models.CharField()))
    pgh_site_id = models.BigIntegerField(null=True, db_default=_setting("site_id", models.BigIntegerField()))
    pgh_reason = models.TextField(db_default=_setting("reason", models.TextField()))
    pgh_app_version = models.CharField(max_length=40, db_default=_setting("app_version", models.CharField()))
    pgh_source = models.CharField(max_length=200, db_default=_setting("source", models.CharField()))
    # item -> reason, where it differs from that of the whole save
    pgh_reasons = models.JSONField(null=True, db_default=_setting("reasons", models.JSONField()))
    pgh_changeset = changeset()

    class Meta:
        abstract = True


T = TypeVar("T", bound=models.Model)


def tracked(model: type[T]) -> type[T]:
    """Class decorator: every insert, update and delete of this table leaves a typed history row."""
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        base_model=HistoryRow,
        context_field=None,  # type: ignore[arg-type]  # documented, missing in its types
        exclude=["password"] if any(field.name == "password" for field in model._meta.fields) else None,
    )(model)


@dataclass(frozen=True)
class Context:
    actor_id: int
    role: str
    site_id: int | None
    reason: str
    source: str
    reasons: Mapping[str, str]


@contextmanager
def history(
    *,
    by: Any,
    role: str,
    site_id: int | None = None,
    reason: str = "",
    source: str = "",
    reasons: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Every change inside stands in history as `by`'s, acting as `role`, for `reason`. Opens a transaction.

    reasons: item -> reason, for the items whose reason is another than that of the whole change.
    Nests: an inner block speaks for its own actor, and the outer one speaks again afterwards.
    Raises locks.Locked for a change that a lock forbids.
    """
    outer: Context | None = getattr(_current, "context", None)
    with locks.refusals(), transaction.atomic():
        _apply(Context(by.pk, role, site_id, reason, source, reasons or {}))
        try:
            yield
        except BaseException:
            # PostgreSQL undoes the settings itself, with the savepoint.
            _current.context = outer
            raise
        _restore(outer)


def _apply(context: Context) -> None:
    _current.context = context
    _set(
        str(context.actor_id),
        context.role,
        "" if context.site_id is None else str(context.site_id),
        context.reason,
        context.source,
        json.dumps(context.reasons) if context.reasons else "",
    )


def _restore(outer: Context | None) -> None:
    _current.context = outer
    if outer is None:
        _set("", "", "", "", "", "")
    else:
        _apply(outer)


def _set(actor_id: str, role: str, site_id: str, reason: str, source: str, reasons: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('cradle.actor_id', %s, true), set_config('cradle.role', %s, true),"
            " set_config('cradle.site_id', %s, true), set_config('cradle.reason', %s, true),"
            " set_config('cradle.source', %s, true), set_config('cradle.reasons', %s, true),"
            " set_config('cradle.app_version', %s, true)",
            [actor_id, role, site_id, reason, source, reasons, settings.VERSION],
        )


@dataclass(frozen=True, kw_only=True)
class ItemChange:
    """One item's change: `old` and `new` as stored; why there is none is shown as the item's value."""

    item: str
    old: Any
    new: Any
    at: datetime
    by: str
    role: str
    site: str
    reason: str
    app_version: str
    source: str
    label: str


def history_model(model: Any) -> Any:
    """The model of a tracked model's history rows."""
    return model.pgh_event_model


def row_at_version(record: Any, version: int) -> Any:
    """The history row of a form's answers as they stood in one of its versions; None for one that never was."""
    saved = history_model(type(record)).objects.filter(pgh_obj_id=record.pk, version=version, version__gt=0)
    moment = saved.order_by("pgh_id").values_list("pgh_created_at", flat=True).first()
    if moment is None:
        return None
    rows = history_model(record.spec.model).objects.filter(pgh_obj_id=record.pk, pgh_created_at__lte=moment)
    return rows.order_by("pgh_id").last()


def rows_of(model: type[models.Model], pk: int) -> list[Any]:
    """History rows of one tracked row, oldest first, with the actor's and site's names."""
    site_number = RawSQL("(SELECT number FROM trial_site s WHERE s.id = pgh_site_id)", ())
    return list(
        history_model(model)
        .objects.filter(pgh_obj_id=pk)
        .select_related("pgh_actor")
        .annotate(pgh_site_number=site_number)
        .order_by("pgh_id")
    )


def item_changes(model: type[models.Model], pk: int, items: list[str]) -> list[ItemChange]:
    """The change of each item of one row, oldest first: two items changed at once are two changes."""
    changes: list[ItemChange] = []
    before: dict[str, Any] = {}
    for row in rows_of(model, pk):
        after = {item: _answer(row, item) for item in items}
        changes += [
            _change(row, item, before.get(item), after[item]) for item in items if before.get(item) != after[item]
        ]
        before = after
    return changes


def _answer(row: Any, item: str) -> Any:
    attribute = row._meta.get_field(item).attname
    value = getattr(row, attribute)
    code = getattr(row, "missing", {}).get(item) if value is None else None
    return missing.show(code) if code else value


def _change(row: Any, item: str, old: Any, new: Any) -> ItemChange:
    return ItemChange(
        item=item,
        old=old,
        new=new,
        at=row.pgh_created_at,
        by=row.pgh_actor.full_name,
        role=row.pgh_role,
        site=row.pgh_site_number or "",
        reason=(row.pgh_reasons or {}).get(item) or row.pgh_reason,
        app_version=row.pgh_app_version,
        source=row.pgh_source,
        label=row.pgh_label,
    )
