"""What the design page shows of each component: plainly invented content, in the states that the component knows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator

HERE = "#main"

# (status, its word where it stands, when it is shown): the language of look and feel, in the order of a form's life
STATUSES = [
    ("not_due", "Not due", "The visit's window has not begun."),
    ("due", "Due 12-Jan", "The window is open."),
    ("overdue", "Overdue 5 d", "The window is over; days always in words."),
    ("in_progress", "Started", "Some of what is required is blank."),
    ("complete", "Complete", "Every required item has an answer or a missing code."),
    ("query_open", "Query 3 d", "A question waits for the site, with its age."),
    ("query_answered", "Answered", "An answer waits to be read."),
    ("verified", "Verified", "Compared with the source documents."),
    ("signed", "Signed Investigator, 03-Jan-2024", "Signed electronically, by role and date."),
    ("signature_void", "Signature void", "A signed value has changed since."),
    ("frozen", "Frozen", "No answer changes; queries go on."),
    ("locked", "Locked", "Nothing changes until it is unlocked with a reason."),
]


@dataclass(frozen=True)
class Example:
    """One state of a component. context: makes what the component is given."""

    caption: str
    context: Callable[[], dict[str, Any]]


class Reply(forms.Form):
    """A plain form: a text with help, a choice, something left out."""

    text = forms.CharField(label="Answer", help_text="What the source says.", max_length=400, required=False)
    kind = forms.ChoiceField(
        label="What was done", choices=[("C", "Corrected"), ("R", "Right as it is")], widget=forms.RadioSelect
    )
    day = forms.CharField(label="Day", error_messages={"required": "Enter the day, for example 3 jan 24."})


class Temperature(forms.Form):
    temp = forms.CharField(
        help_text="Taken in the ear or the rectum.",
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "class": "number"}),
    )
    confirm = forms.CharField(required=False)
    sex = forms.ChoiceField(choices=[("F", "Female"), ("M", "Male")], widget=forms.RadioSelect, required=False)


class Filter(forms.Form):
    state = forms.ChoiceField(label="State", choices=[("", "All"), ("open", "Open")])
    number = forms.CharField(label="Number contains")


def _messages() -> dict[str, Any]:
    said = [
        (constants.INFO, "The check of all forms has begun."),
        (constants.SUCCESS, "Vital signs is saved."),
        (constants.WARNING, "The signature of this form is void: its weight has changed."),
        (constants.ERROR, "Not saved: the form was locked meanwhile."),
    ]
    return {"messages": [Message(level, text) for level, text in said]}


def _errors() -> dict[str, Any]:
    return {
        "errors": [
            {"message": "Temperature: 372 is above 45. Enter it in °C.", "anchor": "row-temp"},
            {"message": "Date: “32 jan” is not a day. Enter it like 3 jan 24.", "anchor": "row-temp"},
        ]
    }


def _row(name: str, label: str, **row: Any) -> dict[str, Any]:
    return {"row": {"item": {"name": name, "label": label}} | row}


def _control(name: str, field: str) -> Any:
    """A bound field with an id of its own: each example stands once on the page."""
    return Temperature({"temp": "44.1", "sex": "F"}, auto_id=f"id_{name}_%s")[field]


def _to_fill_in() -> dict[str, Any]:
    item = {"name": "temp", "label": "Temperature", "unit": "°C", "help": "Taken in the ear or the rectum."}
    return {"row": {"item": item, "field": _control("plain", "temp")}}


def _with_finding() -> dict[str, Any]:
    message = "Temperature 44.1 °C is outside 35 to 42. Check value and unit."
    finding = {"message": message, "code": "vital_signs.temp.range", "severity": "soft"}
    confirm = {"confirm_field": _control("found", "confirm")}
    return _row("found", "Temperature", field=_control("found", "temp"), findings=[finding | confirm])


def _to_read() -> dict[str, Any]:
    return _row(
        "read",
        "Temperature",
        readonly_value="36.9",
        history_url=HERE,
        states=[{"status": "verified", "word": "Verified"}],
        queries=[{"url": HERE, "status": "query_open", "word": "Query 3 d"}],
    )


def _finding(severity: str, message: str) -> dict[str, Any]:
    return {"finding": {"severity": severity, "message": message, "code": "VS-01"}}


def _matrix() -> dict[str, Any]:
    columns = [{"label": f"Day {day}", "sub": f"{day:02d}-Jan", "starts_group": day == 15} for day in (1, 8, 15, 22)]
    marks = [STATUSES[start : start + 4] for start in (0, 4, 8)]
    rows = [
        {"label": label, "cells": [{"url": HERE, "status": status, "word": word} for status, word, _ in part]}
        for label, part in zip(("Vital signs", "Laboratory", "Follow-up"), marks, strict=True)
    ]
    return {"caption": "An invented casebook", "columns": columns, "rows": rows}


def _timeline() -> dict[str, Any]:
    items = [
        {"kind": "block", "x": 80, "width": 180, "label": "Induction, 35 days", "short": "Induction"},
        {"kind": "block_off", "x": 560, "width": 150, "label": "Protocol IB, not as planned", "short": "Protocol IB"},
        {"kind": "infusion", "x": 280, "width": 250, "label": "Blinatumomab, 28 days"},
        {"kind": "stop", "x": 360, "width": 6, "label": "Stopped for 6 hours"},
        {"kind": "mrd", "x": 262, "y": 86, "label": "MRD 0.1 %"},
        {"kind": "mrd_negative", "x": 536, "label": "MRD negative"},
        {"kind": "sae", "x": 366, "label": "SAE: fever", "short": "Fever"},
        {"kind": "hsct", "x": 740, "label": "Transplantation", "short": "HSCT"},
        {"kind": "event", "x": 820, "label": "Follow-up"},
        {"kind": "relapse", "x": 880, "label": "Relapse", "short": "Relapse"},
        {"kind": "death", "x": 960, "label": "Death"},
        {"kind": "contact", "x": 1000, "label": "Last contact"},
    ]
    ticks = [{"x": 72 + 238 * month, "label": f"Month {month}"} for month in range(5)]
    return {"timeline": {"width": 1040, "label": "An invented path", "ticks": ticks, "items": items}}


def _worklist() -> dict[str, Any]:
    lines = [
        {"url": HERE, "text": f"S00{at}: {form}", "status": status, "word": word, "waited": waited}
        for at, (form, status, word, waited) in enumerate(
            [
                ("Laboratory, Day 8", "overdue", "Overdue", "5 days"),
                ("Temperature 44.1 °C is outside 35 to 42. Check value and unit.", "query_open", "Open", "3 days"),
                ("Vital signs, Day 15", "due", "Due", "today"),
            ],
            1,
        )
    ]
    return {
        "sections": [
            {"title": "Forms due", "lines": lines, "count": 12, "more_url": HERE},
            {"title": "To sign", "lines": [], "count": 0, "empty_text": "Nothing waits for your signature."},
        ]
    }


def _thread() -> dict[str, Any]:
    at = "03-Jan-2024 14:02 CET"
    return {
        "query": {"title": "Heart rate 320: is that right?", "status": "query_answered", "word": "Answered"},
        "replies": [
            {"who": "An Invented Monitor", "role": "Monitor", "action": "raised", "at": at, "text": "Source says 120."},
            {"who": "A Coordinator", "role": "Site coordinator", "action": "answered", "at": at, "text": "Corrected."},
        ],
    }


def _progress(**state: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {"progress": {"maximum": 100, **state}}


def _reply(**data: str) -> Reply:
    return Reply(data or None, auto_id="id_example_%s")


_PAGES = Paginator(range(1, 131), 50)
_FACTS = [("Site", "NL01"), ("Age at diagnosis", "72 d (2.4 months)"), ("Risk group", "High"), ("Study day", "15")]
_SECTIONS = [("Measurements", 2), ("Weight and height", 0), ("Remarks", 0)]

EXAMPLES: dict[str, list[Example]] = {
    "status": [
        Example("Glyph and word", lambda: {"status": "overdue", "word": "Overdue 5 d"}),
        Example("As a link", lambda: {"status": "query_open", "word": "Query 3 d", "url": HERE}),
    ],
    "status_legend": [Example("Under a matrix", dict)],
    "messages": [Example("Said once, then gone; room is kept", _messages)],
    "facts": [
        Example("A subject in one line", lambda: {"facts": [{"label": name, "value": value} for name, value in _FACTS]})
    ],
    "empty": [
        Example(
            "Says what to do next",
            lambda: {
                "empty_title": "No subject yet",
                "empty_text": "The first one begins with the consent of the parents.",
                "empty_url": HERE,
                "empty_action": "Screen a new subject",
            },
        ),
        Example("Without a next step", lambda: {"empty_text": "Every answer has been read."}),
    ],
    "form_row": [
        Example("To fill in", _to_fill_in),
        Example("A short list", lambda: _row("sex", "Sex", field=_control("short", "sex"))),
        Example("With a finding", _with_finding),
        Example("To read, with its states", _to_read),
        Example("Derived", lambda: _row("bsa", "Body surface", derived="0.34 m² of 6.20 kg and 66 cm (Mosteller)")),
    ],
    "finding": [
        Example("Please check", lambda: _finding("soft", "Systolic 60 mmHg is not above diastolic 70 mmHg.")),
        Example("Refused", lambda: _finding("hard", "A weight of 0 kg cannot be. Enter the weight.")),
    ],
    "error_summary": [Example("At the top; each line leads to its field", _errors)],
    "plain_field": [
        Example("A text, with help", lambda: {"field": _reply()["text"]}),
        Example("A choice", lambda: {"field": _reply()["kind"]}),
        Example("Left out", lambda: {"field": _reply(text="")["day"]}),
    ],
    "rail": [
        Example(
            "Beside a form",
            lambda: {
                "sections": [{"heading": name, "anchor": "main", "open_points": open} for name, open in _SECTIONS]
            },
        )
    ],
    "save_bar": [
        Example(
            "What was saved, what comes next",
            lambda: {"saved_text": "Saved at 14:02 CET", "next_label": "Save and open day 8", "next_name": "next"},
        )
    ],
    "filters": [
        Example("Above a list", lambda: {"filters": Filter(auto_id="id_filter_%s"), "filters_reset_url": HERE})
    ],
    "pagination": [Example("Under a list", lambda: {"page": _PAGES.page(2), "things": "subjects"})],
    "worklist": [Example("What waits, and for how long", _worklist)],
    "query_thread": [Example("A query and what was said", _thread)],
    "matrix": [Example("Visits across, forms down", _matrix)],
    "timeline": [Example("From diagnosis to today", _timeline)],
    "progress": [
        Example("At work", _progress(id="1", text="Checking forms: 1,240 of 3,100", left="about 4 s left", value=40)),
        Example("Done", _progress(id="2", text="3,100 forms checked.", value=100, result_url=HERE, result_text="See")),
    ],
}
