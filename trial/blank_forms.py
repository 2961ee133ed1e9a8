"""Blank forms on paper, for when the system cannot be reached (ICH E6(R3) 4.3.6): what a CRF asks, as boxes and lines.

All of it follows from the spec and its table, as the page does, so that paper and page ask the same.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from trial import missing, protocol, typesetting
from trial.checks import show
from trial.crf import registry
from trial.crf.fields import is_partial_date
from trial.crf.spec import CrfSpec, Item

_LAYOUT = Path(__file__).with_name("blank_form.typ")
# One version of a form is one sequence of bytes, whenever it is printed.
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
_LINES = 8  # ruled lines of a text without limit
_LONG = 120  # letters; a longer text has two lines
_DIGITS = 4  # of a whole number without limit
_NAMED = 4  # answers that call for an item; more are not named one by one
_TICKED = 6  # a scale of no more steps than this (grades) is ticked, not written


@dataclass(frozen=True)
class Answer:
    """Where one item is answered. kind: ticks, day, moment, number, line or lines.

    labels: of the boxes to tick. digits: boxes before and after the point. lines: how many to write on.
    """

    kind: str
    labels: tuple[str, ...] = ()
    digits: tuple[int, int] = (0, 0)
    lines: int = 1
    hint: str = ""


def pdf(spec: CrfSpec) -> bytes:
    """The blank form of a CRF: A4, PDF/UA-1. Equal versions give equal bytes."""
    return typesetting.pdf(_LAYOUT, _document(spec), at=_UNDATED)


def version(spec: CrfSpec) -> str:
    """The product's version, and eight letters that change with whatever the form asks."""
    asked = json.dumps(_sections(spec), ensure_ascii=False, sort_keys=True)
    return f"{settings.VERSION} ({hashlib.sha256(asked.encode()).hexdigest()[:8]})"


def _document(spec: CrfSpec) -> dict[str, Any]:
    return {
        "trial": settings.TRIAL_NAME,
        "protocol": f"{settings.TRIAL_REGISTRATION}, protocol version {settings.PROTOCOL_VERSION}",
        "title": spec.title,
        "version": version(spec),
        "help": spec.help,
        "demo": settings.DEMO,
        "visits": _visits(spec),
        "log": spec.log,
        "sections": _sections(spec),
        "missing": [[code, missing.MISSING[code]] for code in missing.OFFERED],
    }


def _visits(spec: CrfSpec) -> list[str]:
    return [visit.label for visit in protocol.get().schedule if spec.code in visit.forms]


def _sections(spec: CrfSpec) -> list[dict[str, Any]]:
    return [
        {"title": section.title, "help": section.help, "rows": [_row(spec, item) for item in section.items]}
        for section in spec.sections
    ]


def _row(spec: CrfSpec, item: Item) -> dict[str, Any]:
    return {
        "label": item.label,
        "unit": item.unit,
        "help": item.help,
        "only_if": _condition(spec, item),
        "answer": asdict(answer_of(spec, item)),
    }


def _condition(spec: CrfSpec, item: Item) -> str:
    """When the item is asked, in words; "" where it always is."""
    if item.only_if is None:
        return ""
    other, codes = item.only_if
    if len(codes) > _NAMED:
        return f"Only with some answers to “{spec.item(other).label}”"
    labels = dict(getattr(spec.model._meta.get_field(other), "choices", None) or {})
    wanted = " or ".join(str(labels.get(code, code)) for code in codes)
    return f"Only if “{spec.item(other).label}” is: {wanted}"


def answer_of(spec: CrfSpec, item: Item) -> Answer:
    """Boxes or lines for an item, by what its column holds."""
    field: Any = spec.model._meta.get_field(item.name)
    if isinstance(field, models.ForeignKey):
        titles = " or ".join(registry.get(code).title.lower() for code in item.links_to)
        return Answer("line", hint=f"Number of the {titles} form")
    if field.choices:
        return Answer("ticks", labels=tuple(str(label) for _, label in field.choices))
    if isinstance(field, models.DateTimeField):
        return Answer("moment", hint="dd-Mmm-yyyy, 24 hours, the site's clock")
    if isinstance(field, models.DateField):
        return Answer("day", hint="dd-Mmm-yyyy")
    if scale := _scale(field):
        return Answer("ticks", labels=scale)
    if isinstance(field, models.DecimalField | models.IntegerField):
        return Answer("number", digits=_digits(field), hint=_plausible(item))
    if isinstance(field, models.TextField):
        return Answer("lines", lines=_LINES)
    return _text(field)


def _text(field: models.CharField) -> Answer:
    if is_partial_date in field.validators:
        return Answer("day", hint="dd-Mmm-yyyy; UN for a part that is not known")
    return Answer("lines", lines=2) if (field.max_length or 0) > _LONG else Answer("line")


def _scale(field: Any) -> tuple[str, ...]:
    """The steps of a short scale of whole numbers; none where it is no such scale."""
    if not isinstance(field, models.IntegerField):
        return ()
    low = max(_limits(field, "min_value"), default=0)
    high = min(_limits(field, "max_value"), default=_TICKED)
    return tuple(str(step) for step in range(low, high + 1)) if high - low < _TICKED else ()


def _digits(field: Any) -> tuple[int, int]:
    """Boxes before and after the point: as many as the highest possible value needs."""
    places = field.decimal_places if isinstance(field, models.DecimalField) else 0
    whole = field.max_digits - places if isinstance(field, models.DecimalField) else _DIGITS
    return min([whole, *(len(str(int(limit))) for limit in _limits(field, "max_value"))]), places


def _limits(field: Any, code: str) -> list[Any]:
    return [each.limit_value for each in field.validators if getattr(each, "code", "") == code]


def _plausible(item: Item) -> str:
    """The range outside which a query will ask; "" where there is none."""
    low, high = (None if limit is None else show(limit) for limit in (item.low, item.high))
    if low is not None and high is not None:
        return f"usually {low} to {high}"
    if low is None and high is None:
        return ""
    return f"usually at least {low}" if high is None else f"usually at most {high}"
