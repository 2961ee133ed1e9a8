"""Answers as JSON holds them, made into what `save_form` takes: each refusal is a sentence under the item's name.

JSON has types of its own, and Python reads more into them than a form may mean: 90.7 is no whole number (and is not cut
to 90), a day is no moment at midnight, `true` is no answer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from rest_framework.exceptions import ValidationError

from trial.crf.spec import CrfSpec
from trial.models import item_fields

ABOUT = frozenset({"subject", "visit", "missing", "reasons"})
YEARS = range(1900, 2101)
UNSTORABLE = "The text holds a character that cannot be stored (NUL, or half of a surrogate pair). Send it again."


def body(data: Any) -> dict[str, Any]:
    """The request's JSON, if it is an object. Raises ValidationError."""
    if not isinstance(data, dict):
        raise ValidationError("Send one JSON object: item names and answers.")
    return data


def values(spec: CrfSpec, data: Mapping[str, Any]) -> dict[str, Any]:
    """item -> answer, of all that is not about the record itself. Raises ValidationError."""
    fields = {field.name: field for field in item_fields(spec.model)}
    given = {name: value for name, value in data.items() if name in fields or name not in ABOUT}
    return {name: _value(name, value, fields.get(name)) for name, value in given.items()}


def missing_codes(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """item -> {"code", "reason"}, or None to take the code back. Raises ValidationError."""
    given = data.get("missing")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise ValidationError({"missing": ["Send an object: item name and missing code."]})
    return {item: _code(item, code) for item, code in given.items()}


def reasons(data: Mapping[str, Any]) -> dict[str, str]:
    """item -> why it changes, where that is another reason than X-Reason. Raises ValidationError."""
    given = data.get("reasons") or {}
    if not isinstance(given, dict):
        raise ValidationError({"reasons": ["Send an object: item name and reason."]})
    return {item: text(item, why) for item, why in given.items()}


def text(name: str, value: Any) -> str:
    """A text that PostgreSQL can hold. Raises ValidationError."""
    if not isinstance(value, str):
        raise ValidationError({name: ["Send a text."]})
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValidationError({name: [UNSTORABLE]})
    return value


def _code(item: str, given: Any) -> Any:
    if given is None:
        return None
    named = given if isinstance(given, dict) else {"code": given}
    return {"code": text(item, named.get("code", "")), "reason": text(item, named.get("reason", ""))}


def _value(name: str, value: Any, field: Any) -> Any:
    if isinstance(value, dict | list | bool):
        raise ValidationError({name: ["Send a single answer: text, a number, or null."]})
    if isinstance(value, float):
        value = str(int(value)) if value.is_integer() else str(value)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text(name, value)
    if isinstance(field, models.DateTimeField):
        _check_moment(name, value)
    elif isinstance(field, models.DateField):
        _check_year(name, value)
    elif isinstance(field, models.ForeignKey):
        return _link(name, value)
    return value


def _check_moment(name: str, value: Any) -> None:
    try:
        if len(value) <= len("2024-01-03"):
            raise ValueError
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        sentence = f"“{value}” is not a date with a time. Send the site's clock, like 2024-01-03T14:05."
        raise ValidationError({name: [sentence]}) from None
    _check_year(name, value)


def _check_year(name: str, value: Any) -> None:
    """The years that the pages take too: what lies outside is a slip, and no date can be reckoned from it."""
    if not isinstance(value, str):
        raise ValidationError({name: [f"“{value}” is not a date. Send it like 2024-01-03."]})
    year = value[:4]
    if year.isascii() and year.isdigit() and int(year) not in YEARS:
        raise ValidationError({name: [f"“{value}”: the year {year} lies outside {YEARS[0]} to {YEARS[-1]}."]})


def _link(name: str, value: Any) -> int:
    number = str(value)
    if not (number.isascii() and number.isdigit() and len(number) < len(str(2**63))):
        raise ValidationError({name: [f"“{value}” is not the id of a form record."]})
    return int(number)
