"""Somebody saved first: what they saved, what this person changed, and a form that holds both.

The entries of a stale form are compared with the version that its page had shown: only what the person changed is his;
everything else is taken from what now stands, so that nobody's answer is overwritten by a field that was left alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trial import actions, listing, moments
from trial.crf import derive
from trial.history import row_at_version
from trial.models import FormRecord, User, item_fields


@dataclass(frozen=True)
class Merged:
    """initial: what the form shows now. lines: items on which the two differ. sentence: what happened."""

    initial: dict[str, Any]
    lines: list[dict[str, str]]
    sentence: str


def merge(*, conflict: actions.VersionConflict, form: derive.EntryForm, version: int, by: User) -> Merged:
    """Both versions of a form. version: the one that the page had shown (0: a new form)."""
    record, spec = conflict.record, conflict.record.spec
    shown = _values_at(record, version)
    columns = {field.name: field for field in item_fields(spec.model)}
    mine = {name: _typed(columns[name], value) for name, value in form.answers().items()}
    changed = {name for name in mine if _words(columns[name], mine[name]) != _words(columns[name], shown.get(name))}
    codes = {**record.answers().missing, **_changed_codes(form)}
    merged = {**conflict.current, **{name: mine[name] for name in changed}}
    lines = [
        _line(spec.item(name).label, column, conflict.current.get(name), mine[name] if name in changed else None)
        for name, column in columns.items()
        if _differs(column, shown.get(name), conflict.current.get(name), mine[name], name in changed)
    ]
    coded = {name: code for name, code in codes.items() if code and merged.get(name) is None}
    return Merged(derive.initial(spec, merged, coded), lines, _sentence(record, by))


def _differs(column: Any, shown: Any, theirs: Any, mine: Any, is_mine: bool) -> bool:
    """They changed it, or this person did, and the two are not the same."""
    said = _words(column, theirs)
    return said != _words(column, mine) if is_mine else said != _words(column, shown)


def _line(label: str, column: Any, theirs: Any, mine: Any) -> dict[str, str]:
    return {
        "label": label,
        "theirs": _words(column, theirs) or "no value",
        "mine": _words(column, mine) or "left as it was",
    }


def _values_at(record: FormRecord, version: int) -> Mapping[str, Any]:
    row = row_at_version(record, version)
    if row is None:
        return {}
    values = {}
    for field in item_fields(record.spec.model):
        value = getattr(row, field.attname)
        values[field.name] = moments.to_wall(value, record.time_zone) if isinstance(value, datetime) else value
    return values


def _changed_codes(form: derive.EntryForm) -> dict[str, Any]:
    """Missing codes that this person gave or took back, by item."""
    touched = {name.split("__")[0] for name in form.changed_data if "__missing" in name}
    return {name: code for name, code in form.codes().items() if name in touched}


def _typed(column: Any, value: Any) -> Any:
    """An entry as the column's type where it can be read; as typed where it cannot."""
    try:
        return column.to_python(value) if isinstance(value, str) and not column.is_relation else value
    except Exception:  # whatever a column says of unreadable text, the text itself is what the person has to see
        return value


def _words(column: Any, value: Any) -> str:
    """A value for comparison by eye."""
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None):%d-%b-%Y %H:%M}"
    return listing.shown(column, value, "UTC")


def _sentence(record: FormRecord, by: User) -> str:
    who = "You saved this form in another window" if record.updated_by_id == by.pk else None
    who = who or f"{record.updated_by.full_name} saved this form"
    at = moments.show(record.updated_at, record.time_zone)
    return f"{who} at {at}, after you opened it. Not saved yet: the form below holds both, look at it and save again."
