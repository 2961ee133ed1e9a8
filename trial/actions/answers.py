"""Answers, typed or already of their type, are put into a form's row; what cannot be is refused in a sentence."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from trial import moments
from trial.actions.saves import Save
from trial.crf.fields import TOO_LONG
from trial.models import FormRecord, item_fields

# Django's codes for an answer beyond a hard bound, one with too many digits, and one that cannot be read.
LIMITS = ("max_value", "min_value")
DIGITS = ("max_digits", "max_decimal_places", "max_whole_digits")
UNREADABLE = ("invalid", "invalid_date")


def put_answers(
    save: Save, values: Mapping[str, Any], coded: Mapping[str, Any], given: Mapping[str, Any] | None
) -> None:
    fields = {item.name: item for item in item_fields(type(save.row))}
    _refuse_unknown(save, {*values, *(given or {})} - set(fields))
    codes = dict(save.row.missing)
    for name, item_field in fields.items():
        before = (getattr(save.row, item_field.attname), codes.get(name))
        if name in values:
            value = _clean(save, item_field, values[name])
            setattr(save.row, item_field.attname, value)
            if value is not None:
                codes.pop(name, None)
        if given is not None and name in given:
            _put_code(save, name, item_field, coded.get(name), codes)
        _note_change(save, name, before, (getattr(save.row, item_field.attname), codes.get(name)))
    save.row.missing = codes


def _put_code(save: Save, name: str, item_field: Any, code: Any, codes: dict[str, Any]) -> None:
    if code is None:
        codes.pop(name, None)
    elif getattr(save.row, item_field.attname) is not None:
        save.refuse(name, "This item has a value and a reason why it has none. Keep one of the two.")
    else:
        codes[name] = code


def _note_change(save: Save, name: str, before: tuple[Any, Any], after: tuple[Any, Any]) -> None:
    if before != after:
        save.changed.append(name)
        if before != (None, None) and not save.is_new:
            save.overwritten.add(name)


def _refuse_unknown(save: Save, unknown: set[str]) -> None:
    for name in sorted(unknown):
        save.refuse(name, f"{save.record.spec.title} has no item “{name}”.")


def _clean(save: Save, item_field: Any, value: Any) -> Any:
    """The answer as the column's type; a sentence in `save.errors` where it cannot be."""
    if isinstance(value, str):
        value = value.strip()
        if "\x00" in value:
            save.refuse(item_field.name, "The text holds a NUL character, which cannot be stored. Type it again.")
            return None
    if value is None or value == "":
        return None
    try:
        if isinstance(item_field, models.DateTimeField):
            return _moment(value, save.record.time_zone)
        if isinstance(item_field, models.ForeignKey):
            return _linked(save, item_field, value)
        return item_field.clean(_as_text(item_field, value), save.row)
    except ValidationError as error:
        kind = "limit" if error.error_list[0].code in LIMITS else "type"
        for sentence in _sentences(item_field, value, error):
            save.refuse_entry(item_field.name, sentence, value, kind)
    except (ValueError, TypeError) as error:
        save.refuse_entry(item_field.name, str(error), value, "type")
    return None


def _as_text(item_field: Any, value: Any) -> Any:
    """A float would bring its binary tail into a decimal; its shortest text does not."""
    return str(value) if isinstance(item_field, models.DecimalField) and isinstance(value, float) else value


def _moment(value: Any, zone: str) -> datetime:
    """A moment from wall-clock text or a naive datetime of the site, or from an aware one."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        raise ValueError(f"“{value}” is not a date with a time. Enter it like 03-Jan-2024 14:05.")
    return moment if moment.tzinfo else moments.to_utc(moment, zone)


def _linked(save: Save, item_field: Any, value: Any) -> int:
    if getattr(save.row, item_field.attname) == int(value):
        return int(value)  # left as it is, even where that form was deleted meanwhile: a check asks about it
    linked = FormRecord.objects.filter(pk=int(value), subject_id=save.record.subject_id, deleted_at=None).first()
    if linked is None:
        raise ValueError("The linked form is not one of this subject.")
    return linked.pk


def _limit(item_field: Any, value: Any, error: ValidationError) -> str | None:
    """A hard bound in words; None where something else is wrong."""
    (first, *_) = error.error_list
    if first.code not in LIMITS:
        return None
    most = "most" if first.code == "max_value" else "least"
    return f"{value} cannot be: the {most} is {(first.params or {})['limit_value']}."


def _too_many_digits(item_field: Any, value: Any, error: ValidationError) -> str | None:
    """A number or a text that is longer than its column, and how long it may be; None where something else is wrong."""
    code = error.error_list[0].code
    if code == "max_length":
        return TOO_LONG % error.error_list[0].params
    if code not in DIGITS:
        return None
    places, (_, _, exponent) = item_field.decimal_places, Decimal(str(value)).as_tuple()
    if isinstance(exponent, int) and -exponent > places:
        return f"“{value}” has {-exponent} decimals. Enter it with at most {places}."
    whole = item_field.max_digits - places
    return f"“{value}” has too many digits: at most {whole} stand before the point. Check the number."


def _not_readable(item_field: Any, value: Any) -> str | None:
    """That this is no number or no date; None for other kinds of answers."""
    if isinstance(item_field, models.IntegerField):
        return f"“{value}” is not a whole number. Enter digits only."
    if isinstance(item_field, models.DecimalField):
        return f"“{value}” is not a number. Enter digits, with a point for decimals."
    if isinstance(item_field, models.DateField):
        return f"“{value}” is not a day of the calendar. Enter it like 2024-01-03."
    return None


def _sentences(item_field: Any, value: Any, error: ValidationError) -> list[str]:
    """What is wrong and what to do, in our own words."""
    if item_field.choices and error.error_list[0].code == "invalid_choice":
        known = ", ".join(str(code) for code, _ in item_field.choices)
        return [f"“{value}” is not an answer here. Use one of: {known}."]
    if error.error_list[0].code in UNREADABLE and (sentence := _not_readable(item_field, value)):
        return [sentence]
    if sentence := _limit(item_field, value, error) or _too_many_digits(item_field, value, error):
        return [sentence]
    return list(error.messages)
