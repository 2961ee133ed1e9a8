"""One line that names a row of a log: its title items, shown."""

from datetime import datetime
from typing import Any

from trial import moments, partial_dates
from trial.checks import show
from trial.crf import registry
from trial.crf.fields import is_partial_date
from trial.models import FormRecord


def shown(field: Any, value: Any, zone: str) -> str:
    """An answer as a person reads it: code lists in words, moments as the site's wall clock, dates as 03-Jan-2024."""
    if value is None or value == "":
        return ""
    if field.choices:
        return str(dict(field.choices).get(value, value))
    if isinstance(value, datetime):
        return f"{moments.to_wall(value, zone):%d-%b-%Y %H:%M}"
    if hasattr(value, "isoformat") or is_partial_date in field.validators:
        return partial_dates.show(value)
    return show(value)


def titles(records: list[FormRecord]) -> dict[int, str]:
    """record id -> a line such as `Blinatumomab, 28-Jul-2018`. One statement per CRF among the records."""
    found: dict[int, str] = {}
    for code in dict.fromkeys(record.crf_code for record in records):
        spec = registry.get(code)
        zones = {record.pk: record.time_zone for record in records if record.crf_code == code}
        fields = [spec.model._meta.get_field(name) for name in spec.title_items]
        rows = list(spec.model.objects.filter(pk__in=zones))
        linked = _linked_titles(fields, rows)
        for row in rows:
            parts = [_part(field, getattr(row, field.attname), zones[row.pk], linked) for field in fields]
            found[row.pk] = ", ".join(part for part in parts if part)
    return found


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


def _linked_titles(fields: list[Any], rows: list[Any]) -> dict[int, str]:
    """Titles of the forms to which these rows link in a title item: a result is named by its sample."""
    pks = {pk for field in fields if field.is_relation for row in rows if (pk := getattr(row, field.attname))}
    return titles(list(FormRecord.objects.filter(pk__in=pks))) if pks else {}
