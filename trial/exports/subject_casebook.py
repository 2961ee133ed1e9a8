"""A subject's casebook on paper: every form with what was answered, signed, verified, asked and changed (11.10(b))."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from trial import listing, missing, moments, partial_dates, protocol, roles, signed_values, subject_forms, typesetting
from trial.crf import registry
from trial.crf.spec import Item
from trial.exports.subject_tables import Held, void_of
from trial.models import FormRecord, Query, ReviewKind, ReviewMark, SignatureVoid, SignedForm, Subject, Visit
from trial.trail import Change

_LAYOUT = Path(__file__).parent.parent / "subject_casebook.typ"
_FACES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


@dataclass(frozen=True, kw_only=True)
class Made:
    """When (UTC), by whom and as which role a copy is made."""

    at: datetime
    by: str
    username: str
    role: str


def pdf(held: Held, made: Made) -> bytes:
    """The casebook: A4, PDF/UA-1, with bookmarks. Equal data of one moment give equal bytes."""
    return typesetting.pdf(_LAYOUT, printable(_document(held, made)), at=made.at)


# --- letters -------------------------------------------------------------------------------------------------------


def printable(value: Any) -> Any:
    """The same with every letter that the face lacks as its number, `[U+4E2D]`: nothing is dropped, nothing fails."""
    if isinstance(value, str):
        return "".join(map(_letter, value))
    if isinstance(value, Mapping):
        return {key: printable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [printable(each) for each in value]
    return value


def _letter(letter: str) -> str:
    if letter == "\n" or (letter in _letters() and unicodedata.category(letter)[0] != "C"):
        return letter
    return " " if letter in "\r\t" else f"[U+{ord(letter):04X}]"


@cache
def _letters() -> frozenset[str]:
    """What both the regular and the bold face have."""
    import matplotlib
    from matplotlib.ft2font import FT2Font

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    regular, bold = (FT2Font(str(folder / face)).get_charmap().keys() for face in _FACES)
    return frozenset(map(chr, regular & bold))


# --- the whole -----------------------------------------------------------------------------------------------------


def _document(held: Held, made: Made) -> dict[str, Any]:
    subject, zone = held.subject, held.subject.site.time_zone
    names = _names(held)
    return {
        "trial": settings.TRIAL_NAME,
        "trial_title": settings.TRIAL_TITLE,
        "protocol": f"{settings.TRIAL_REGISTRATION}, protocol version {settings.PROTOCOL_VERSION}",
        "subject": subject.number,
        "synthetic": subject.synthetic,
        "made": f"{moments.show(made.at, 'UTC')}, at the site {moments.show(made.at, zone)}",
        "facts": [
            ["Trial", settings.TRIAL_TITLE],
            ["Protocol", f"{settings.TRIAL_REGISTRATION}, protocol version {settings.PROTOCOL_VERSION}"],
            ["Subject", subject.number],
            ["Site", f"{subject.site.number} {subject.site.name}, {subject.site.country}"],
            ["State", _state(held)],
            ["Copy made at", moments.show(made.at, "UTC")],
            ["", moments.show(made.at, zone)],
            ["Copy made by", f"{made.by} ({made.username}), {made.role}"],
            ["System", f"Cradle {settings.VERSION}"],
            ["Forms", str(len(held.records))],
            ["Changes in the trail", str(len(held.changes))],
        ],
        "groups": [*_visit_groups(held, names), *_log_groups(held, names)],
        "subject_changes": [_change(change) for change in held.changes if _is_of_subject(change)],
    }


def _state(held: Held) -> str:
    entered = held.subject.entered_on
    return held.subject.state.capitalize() + (f", study entry {partial_dates.show(entered)}" if entered else "")


def _is_of_subject(change: Change) -> bool:
    """The dates of visits follow from the answers."""
    return change.kind == "update" and change.table == Subject._meta.db_table


def _visit_groups(held: Held, names: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        _group(
            protocol.get().visit(visit.code).label,
            [_form(record, held, names) for record in held.records if record.visit_id == visit.pk],
            note=_window(visit),
            absent=_absent(visit, held),
            queries=[_query(query, held) for query in held.queries if query.visit_id == visit.pk],
        )
        for visit in held.visits
    ]


def _log_groups(held: Held, names: Mapping[int, str]) -> list[dict[str, Any]]:
    logs = [record for record in held.records if record.visit_id is None]
    return [
        _group(registry.get(code).title, [_form(record, held, names) for record in records])
        for code, records in groupby(logs, key=lambda record: record.crf_code)
    ]


def _group(
    title: str, forms: list[dict[str, Any]], *, note: str = "", absent: str = "", queries: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    return {"title": title, "note": note, "absent": absent, "queries": queries, "forms": forms}


def _window(visit: Visit) -> str:
    if visit.target is None:
        return "No date yet"
    days = [partial_dates.show(day) for day in (visit.target, visit.opens, visit.closes)]
    return f"Planned for {days[0]}, window {days[1]} to {days[2]}"


def _absent(visit: Visit, held: Held) -> str:
    """The forms that this visit expects and that nobody has entered."""
    there = {record.crf_code for record in held.records if record.visit_id == visit.pk and not record.deleted_at}
    expected = protocol.get().visit(visit.code).forms
    return ", ".join(registry.get(code).title for code in expected if code not in there)


# --- one form ------------------------------------------------------------------------------------------------------


def _form(record: FormRecord, held: Held, names: Mapping[int, str]) -> dict[str, Any]:
    zone = held.subject.site.time_zone
    return {
        "title": names[record.pk],
        "facts": _form_facts(record, zone),
        "deleted": _deleted(record, zone),
        "sections": _sections(record, held.answers.get(record.pk), names),
        "signatures": [_signature(signed, zone) for signed in held.signed if signed.record_id == record.pk],
        "marks": _marks([mark for mark in held.marks if mark.record_id == record.pk], zone),
        "queries": [_query(query, held) for query in held.queries if query.record_id == record.pk],
        "changes": [_change(change) for change in held.changes if _is_of_form(change, record)],
    }


def _names(held: Held) -> dict[int, str]:
    """Form -> `Vital signs (Day 1)`, `Adverse event 3: Hypertension, 01-Dec-2019`."""
    titles = listing.titles([record for record in held.records if record.visit_id is None])
    names = {record.pk: signed_values.name(record) for record in held.records}
    return {pk: f"{name}: {titles[pk]}" if titles.get(pk) else name for pk, name in names.items()}


def _form_facts(record: FormRecord, zone: str) -> str:
    facts = [
        f"Form {record.pk}, version {record.version}, {record.get_state_display().replace('_', ' ')}",
        f"first entered {_when(record.created_at, zone)} by {record.created_by.full_name}",
        f"last saved {_when(record.updated_at, zone)} by {record.updated_by.full_name}",
    ]
    if record.source_system:
        facts.append(f"taken over from {record.source_system} {record.source_id}".rstrip())
    return "; ".join(facts)


def _deleted(record: FormRecord, zone: str) -> str:
    if record.deleted_at is None:
        return ""
    return f"Deleted {_when(record.deleted_at, zone)}. Reason: {record.deleted_reason}"


def _sections(record: FormRecord, row: Any, names: Mapping[int, str]) -> list[dict[str, Any]]:
    if row is None:
        return []
    values = subject_forms.check_values(record, row)
    return [
        {"title": section.title, "rows": [_row(item, record, row, values, names) for item in section.items]}
        for section in record.spec.sections
    ]


def _row(item: Item, record: FormRecord, row: Any, values: dict[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """One item: what it asks, and the answer in words; `given` is False where there is none."""
    text = _answer(item.name, record, row, names)
    if text:
        return {"label": item.label, "text": f"{text} {item.unit}".rstrip(), "given": True}
    if item.name in row.missing:
        return {"label": item.label, "text": missing.show(row.missing[item.name]), "given": True}
    return {"label": item.label, "text": "No answer" if item.asked(values) else "Not asked", "given": False}


def _answer(name: str, record: FormRecord, row: Any, names: Mapping[int, str]) -> str:
    field = type(row)._meta.get_field(name)
    value = getattr(row, field.attname)
    if value is None:
        return ""
    if field.is_relation:
        return names.get(value, f"Form {value}")
    text = listing.shown(field, value, record.time_zone)
    return f"{text} ({record.time_zone})" if isinstance(field, models.DateTimeField) else text


def _when(moment: datetime, zone: str) -> str:
    """A moment by the site's clock, with UTC beside."""
    return f"{moments.show(moment, zone)}, {moments.to_wall(moment, 'UTC'):%H:%M} UTC"


def _role(code: str) -> str:
    known = {role.code: role.name for role in roles.all_roles()}
    return known.get(code, code.capitalize())


# --- what became of it ---------------------------------------------------------------------------------------------


def _signature(signed: SignedForm, zone: str) -> dict[str, str]:
    """Printed name, date and time with zone, meaning and statement (21 CFR 11.50), and what voided it."""
    signature, void = signed.signature, void_of(signed)
    return {
        "who": f"{signature.printed_name}, {_role(signature.role).lower()}",
        "when": _when(signature.at, signature.time_zone),
        "meaning": signature.meaning,
        "statement": signature.statement,
        "of": f"{signature.get_scope_display()} signed; this form as version {signed.version}, sha256 {signed.sha256}",
        "void": _void(void, zone) if void else "",
    }


def _void(void: SignatureVoid, zone: str) -> str:
    """When it fell, by whose change and why."""
    return (
        f"Void since {_when(void.at, zone)}, by a change of {void.by.full_name}. Reason: {void.reason or 'none given'}"
    )


def _marks(marks: Sequence[ReviewMark], zone: str) -> list[str]:
    """What stands of each kind of review, after its newest mark."""
    newest = {mark.kind: mark for mark in marks}
    return [_mark(newest[kind], zone) for kind in ReviewKind.values if kind in newest] or ["Not verified or reviewed"]


def _mark(mark: ReviewMark, zone: str) -> str:
    labels = [item.label for item in mark.record.spec.items if item.name in mark.stands]
    standing = "every item" if mark.whole else ", ".join(labels) or "no item"
    step = "marked" if mark.given else "taken away"
    reason = f". Reason: {mark.reason}" if mark.reason else ""
    who = f"{mark.by.full_name}, {_role(mark.role).lower()}"
    return f"{mark.get_kind_display()}: {standing}; last {step} {_when(mark.at, zone)} by {who}{reason}"


def _query(query: Query, held: Held) -> dict[str, Any]:
    zone = held.subject.site.time_zone
    return {
        "about": query.about,
        "text": query.text,
        "state": query.state.capitalize(),
        "opened": f"{_when(query.opened_at, zone)} by {query.opened_by.full_name}, {_role(query.opened_role).lower()}",
        "thread": [
            {
                "step": entry.step.capitalize(),
                "text": entry.text,
                "who": f"{entry.by.full_name}, {_role(entry.role).lower()}",
                "when": _when(entry.at, zone),
            }
            for entry in held.messages
            if entry.query_id == query.pk
        ],
    }


def _is_of_form(change: Change, record: FormRecord) -> bool:
    """Changes of answers after the first entry, and its deletion. State and version follow from the answers."""
    if change.kind != "update" or change.record != record.pk:
        return False
    is_deletion = change.table == FormRecord._meta.db_table and change.item in ("deleted_at", "deleted_reason")
    return is_deletion or change.table == record.spec.model._meta.db_table


def _change(change: Change) -> dict[str, str]:
    return {
        "item": change.label,
        "old": change.old or "–",
        "new": change.new or "–",
        "who": f"{change.by}, {change.role.lower()}",
        "when": f"{change.at:%d-%b-%Y %H:%M} UTC",
        "why": change.reason or "–",
    }
