"""From the database to a snapshot: what the forms said at one moment, cut, and made into analysis datasets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction

from reports.cuts import WrongCut
from reports.derivations.cut import cut_rows
from reports.derivations.derive import derive
from reports.derivations.historical import Historical
from reports.derivations.raw import CRFS, Raw
from reports.models.historical import CONTROLS, INTERFANT06, HistoricalDataset
from reports.snapshot import Snapshot
from trial.crf import registry
from trial.models import FormRecord, Site, Subject, Visit, item_fields


class WrongFreeze(WrongCut):
    """A moment up to which entries cannot count; the message is a sentence."""


def take(*, cut: date, freeze: datetime | None = None) -> Snapshot:
    """The snapshot of the data up to `cut`, as entered by `freeze` (default: now).

    All is read in one read-only REPEATABLE READ transaction, so this may not be called within another one.
    A freeze in the past reads the history: each record as it stood then.
    Raises WrongFreeze for a moment that has not come yet, or that lies before the day of the cut.
    """
    with _one_moment() as now:
        check_freeze(freeze, cut=cut, now=now)
        raw = extract(freeze=freeze)
        controls = historical(freeze=freeze or now)
    return Snapshot(cut=cut, freeze=freeze or now, datasets=derive(cut_rows(raw, cut), controls))


def check_freeze(freeze: datetime | None, *, cut: date, now: datetime) -> None:
    """Raise WrongFreeze unless `freeze` has passed and could know of the whole day of the cut, at any site."""
    if freeze is not None and freeze.utcoffset() is None:
        raise WrongFreeze("The freeze needs a time zone.")
    if freeze is not None and freeze > now:
        raise WrongFreeze(f"The freeze {freeze:%d-%b-%Y %H:%M %Z} lies in the future.")
    # The day of the cut begins up to 14 hours earlier in the east than in UTC.
    if ((freeze or now) + timedelta(hours=14)).date() < cut:
        raise WrongFreeze(f"On {freeze or now:%d-%b-%Y}, the freeze, the data cut of {cut:%d-%b-%Y} had not come yet.")


def extract(*, freeze: datetime | None = None) -> Raw:
    """The rows of all CRFs that analyses read, as plain data (`reports.derivations.raw`). Deleted rows are left out.

    freeze: as the records stood then; None: as they stand.
    """
    spines = _spines(freeze)
    raw: dict[str, list[dict[str, Any]]] = {
        "site": [dict(site) for site in Site.objects.values("number", "country", "activated_on")],
        "subject": [{"number": n, "site": s} for n, s in Subject.objects.values_list("number", "site__number")],
    }
    return raw | {crf: list(_rows(crf, spines, freeze)) for crf in CRFS}


def historical(*, freeze: datetime) -> Historical:
    """The newest version of each historical dataset by then; none where none was imported."""
    found = {}
    for name in (CONTROLS, INTERFANT06):
        version = HistoricalDataset.objects.filter(name=name, locked_at__lte=freeze).order_by("-version").first()
        found[name] = tuple(version.rows) if version else ()
    return Historical(controls=found[CONTROLS], everyone=found[INTERFANT06])


@contextmanager
def _one_moment() -> Iterator[datetime]:
    """A transaction that sees one state of the database and changes none; gives the moment.

    No save straddles the moment: each holds this key (trial/sql/guards.sql) until it commits, and here it is held alone
    until the snapshot is taken. So history as of the moment is what the snapshot saw.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(4711, 1)")
        is_held = True
        try:
            with transaction.atomic(durable=True):
                # Only a test's own transaction gets past `durable`; its isolation can no longer be chosen.
                if not connection.savepoint_ids:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SELECT clock_timestamp()")
                moment = cursor.fetchone()[0]
                cursor.execute("SELECT pg_advisory_unlock(4711, 1)")
                is_held = False
                yield moment
        finally:
            if is_held:
                cursor.execute("SELECT pg_advisory_unlock(4711, 1)")


def _spines(freeze: datetime | None) -> Mapping[int, dict[str, Any]]:
    """What stands on each form record that is not deleted: subject, visit, sequence, zone."""
    numbers = dict(Subject.objects.values_list("pk", "number"))
    visits = dict(Visit.objects.values_list("pk", "code"))
    found = _as_of(FormRecord, freeze).values_list(
        "id", "subject_id", "visit_id", "sequence", "time_zone", "deleted_at"
    )
    return {
        pk: {"subject": numbers[subject], "record": pk, "visit": visits.get(visit), "sequence": sequence, "zone": zone}
        for pk, subject, visit, sequence, zone, deleted in found
        if deleted is None
    }


def _rows(crf: str, spines: Mapping[int, dict[str, Any]], freeze: datetime | None) -> Iterator[dict[str, Any]]:
    model = registry.get(crf).model
    names = [field.attname for field in item_fields(model)]
    # A link is named after its item, not after its column.
    items = [field.name for field in item_fields(model)]
    for record, *values in _as_of(model, freeze).values_list("record_id", *names):
        if record in spines:
            yield {**spines[record], **dict(zip(items, values, strict=True))}


def _as_of(model: Any, freeze: datetime | None) -> models.QuerySet[Any]:
    """The rows of a tracked table, or the newest history row of each of them at `freeze`."""
    if freeze is None:
        return model.objects.order_by("pk")
    events = model.pgh_event_model.objects.filter(pgh_created_at__lte=freeze)
    return events.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")
