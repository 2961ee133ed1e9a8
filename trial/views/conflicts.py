"""Somebody saved first: what they saved, what this person changed, and a form that holds both.

The entries of a stale form are compared with the version that its page had shown: only what the person changed is his;
everything else is taken from what now stands, so that nobody's answer is overwritten by a field that was left alone.
Where both have an answer the person chooses, item by item. A draft of an older version is compared in the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict

from trial import listing, missing, moments, subject_forms
from trial.crf import derive
from trial.history import item_changes, row_at_version
from trial.models import FormRecord, User, item_fields

KEEP = "keep__"  # keep__<item> = mine or theirs
THEIRS = "theirs"
SUFFIXES = ("", "_day", "_time", derive.CODE_SUFFIX, derive.REASON_SUFFIX, derive.REPLACE_SUFFIX, derive.PASSING_SUFFIX)


@dataclass(frozen=True)
class Line:
    """One item in both versions, as shown. choice: the name of the radio buttons; "" where this person left it alone.

    is_new: theirs was saved after this person's page was shown. why: by whom that was, and for what reason.
    """

    item: str
    label: str
    theirs: str
    mine: str
    choice: str = ""
    is_new: bool = True
    why: str = ""


@dataclass(frozen=True)
class Merged:
    """data: what the form's page sends when it holds both. lines: the items on which the two differ."""

    data: QueryDict
    lines: list[Line]

    @property
    def choices(self) -> list[Line]:
        return [line for line in self.lines if line.choice]


def merge(form: derive.EntryForm, *, shown: Mapping[str, Any], current: Mapping[str, Any]) -> Merged:
    """Both versions of a form. form: with this person's entries. shown: the answers that its page had shown.

    shown and current are as `derive.initial` gives them.
    """
    form.full_clean()
    columns = {field.name: field for field in item_fields(form.spec.model)}
    mine = _entered(form, columns)
    data, lines = QueryDict(mutable=True), []
    data.update(form.data)
    for name, column in columns.items():
        before, theirs, entered = (_said(column, answers, name) for answers in (shown, current, mine))
        if entered == before:
            put(data, form, name, current)
        if entered == before != theirs:
            lines.append(Line(name, form.spec.item(name).label, _shown(column, current, name), "left as it was"))
        elif entered not in (before, theirs):
            said = _shown(column, current, name), _shown(column, mine, name)
            lines.append(Line(name, form.spec.item(name).label, *said, f"{KEEP}{name}", before != theirs))
    return Merged(data, lines)


def answers_at(record: FormRecord, row: Any, version: int) -> dict[str, Any]:
    """What a page of that version had shown. row: the answers that stand now. Version 0 is a form not saved yet."""
    past = row if record.pk and version == record.version else row_at_version(record, version)
    if past is None:
        return {}
    return derive.initial(record.spec, _values(record, past), past.missing)


def chosen(data: QueryDict, record: FormRecord, row: Any) -> QueryDict:
    """The entries with theirs in place wherever the person chose to keep theirs."""
    names = [name.removeprefix(KEEP) for name in data if name.startswith(KEEP) and data[name] == THEIRS]
    names = [name for name in names if record.spec.has_item(name)]
    if not names:
        return data
    version = data.get("version", "")
    theirs = answers_at(record, row, int(version) if version.isdigit() else 0)
    form, kept = derive.form_class(record.spec, zone=record.time_zone)(), data.copy()
    for name in names:
        put(kept, form, name, theirs)
    return kept


def put(data: QueryDict, form: derive.EntryForm, name: str, answers: Mapping[str, Any]) -> None:
    """Make an item's entries those that a page showing `answers` would send."""
    for suffix in SUFFIXES:
        data.pop(name + suffix, None)
    field, value = form.fields[name], answers.get(name)
    if isinstance(field, derive.MomentField):
        data[f"{name}_day"], data[f"{name}_time"] = field.widget.decompress(value)
        if isinstance(value, datetime) and moments.is_doubled(value, form.zone):
            data[name + derive.PASSING_SUFFIX] = str(value.fold + 1)
    else:
        data[name] = "" if value is None else str(field.prepare_value(value))
    for suffix in (derive.CODE_SUFFIX, derive.REASON_SUFFIX):
        data[name + suffix] = answers.get(name + suffix) or ""


def explained(lines: list[Line], record: FormRecord) -> list[Line]:
    """The lines with who saved theirs, and why."""
    changes = {
        change.item: change for change in item_changes(record.spec.model, record.pk, [line.item for line in lines])
    }
    return [
        Line(**{**vars(line), "why": ": ".join(part for part in (change.by, change.reason) if part)})
        if line.is_new and (change := changes.get(line.item))
        else line
        for line in lines
    ]


def sentence(record: FormRecord, by: User) -> str:
    """Who saved first, and when."""
    who = "You saved this form in another window" if record.updated_by_id == by.pk else None
    who = who or f"{record.updated_by.full_name} saved this form"
    at = moments.show(record.updated_at, record.time_zone)
    return f"{who} at {at}, after you opened it. Not saved yet: the form below holds both, look at it and save again."


def _values(record: FormRecord, row: Any) -> dict[str, Any]:
    """The answers of a typed row or of a row of its history, as pages show them."""
    if isinstance(row, record.spec.model):
        return subject_forms.check_values(record, row)
    values = {}
    for field in item_fields(record.spec.model):
        value = getattr(row, field.attname)
        values[field.name] = moments.to_wall(value, record.time_zone) if isinstance(value, datetime) else value
    return values


def _entered(form: derive.EntryForm, columns: Mapping[str, Any]) -> dict[str, Any]:
    """This person's entries in the form of `derive.initial`; what cannot be read stays as typed."""
    entered: dict[str, Any] = {}
    codes = {name: code for name, code in form.codes().items() if code}
    for name, value in form.answers().items():
        entered[name] = form.in_words(name) if name in form.errors else _typed(columns[name], value)
    return derive.initial(form.spec, entered, codes)


def _typed(column: Any, value: Any) -> Any:
    """An entry as the column's type where it can be read; as typed where it cannot."""
    try:
        return column.to_python(value) if isinstance(value, str) and not column.is_relation else value
    except Exception:  # whatever a column says of unreadable text, the text itself is what the person has to see
        return value


def _said(column: Any, answers: Mapping[str, Any], name: str) -> str:
    """An answer, or why there is none, for comparison."""
    value, code = answers.get(name), answers.get(name + derive.CODE_SUFFIX)
    if code and value in (None, ""):
        return missing.show({"code": code, "reason": answers.get(name + derive.REASON_SUFFIX) or ""})
    if isinstance(value, datetime):  # the second of a doubled time is another moment
        return f"{value.replace(tzinfo=None):%d-%b-%Y %H:%M}{' (second time)' * bool(value.tzinfo or value.fold)}"
    return listing.shown(column, value, "UTC")


def _shown(column: Any, answers: Mapping[str, Any], name: str) -> str:
    """An answer for a reader; a link by the name of what it links to."""
    said = _said(column, answers, name)
    return (listing.name_of(int(said)) if column.is_relation and said.isdigit() else said) or "no value"
