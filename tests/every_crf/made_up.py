"""Valid answers for any CRF, made from its spec and its table alone."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from trial import protocol
from trial.actions import forms
from trial.crf import registry
from trial.crf.fields import is_partial_date
from trial.crf.spec import CrfSpec, Item
from trial.models import FormRecord, Subject, User, Visit, item_fields
from trial.partial_dates import earliest

DAY = earliest("2024-03-10")
# What has to stand before the other forms: nothing of the trial before consent, no infusion before eligibility.
FIRST = ("consent", "screening")
# Texts that a dictionary or the protocol limits: two of its words that go with the same other answers.
DICTIONARY = {"aeterm": ("Fever", "Vomiting"), "saeterm": ("Fever", "Vomiting"), "icver": ("2.0", "1.1")}


def answers(spec: CrfSpec, subject: Subject, by: User) -> dict[str, Any]:
    """An answer for each item that is asked, given the answers before it. Links are to forms made for them."""
    fields = {field.name: field for field in item_fields(spec.model)}
    given: dict[str, Any] = {}
    for position, item in enumerate(spec.items):
        if item.asked(given):
            answer = _answer(fields[item.name], item, position, subject, by)
            if answer is not None:
                given[item.name] = answer
    return given


def _answer(field: Any, item: Item, position: int, subject: Subject, by: User) -> Any:
    if item.name in DICTIONARY:
        return DICTIONARY[item.name][0]
    if field.choices:
        return field.choices[0][0]
    match field:
        case models.ForeignKey():
            return _linked(item, subject, by)
        case models.DateTimeField():
            return f"{DAY + timedelta(days=position)}T12:00"  # moments of one form follow each other
        case models.DateField():
            return DAY.isoformat()
        case models.DecimalField() | models.IntegerField():
            return _number(field, item)
        case _:
            return f"{DAY:%Y-%m}" if is_partial_date in field.validators else "Made up"


def _number(field: Any, item: Item) -> Any:
    lows = [v.limit_value for v in field.validators if isinstance(v, MinValueValidator)]
    highs = [v.limit_value for v in field.validators if isinstance(v, MaxValueValidator)]
    plausible = [Decimal(limit) for limit in (item.low,) if limit is not None]
    number = max([Decimal(low) for low in lows] + (plausible or [Decimal(1)]))
    number = min([number, *(Decimal(high) for high in highs)])
    return int(number) if isinstance(field, models.IntegerField) else number


def _linked(item: Item, subject: Subject, by: User) -> int | None:
    return save(registry.get(item.links_to[0]), subject, by).pk if item.links_to else None


def save(spec: CrfSpec, subject: Subject, by: User) -> FormRecord:
    """A saved form with made-up answers, at the first visit that expects it or else in its log."""
    record = forms.new_record(subject=subject, crf_code=spec.code, visit=visit_for(spec, subject))
    return forms.save_form(record=record, values=answers(spec, subject, by), by=by).record


def visit_for(spec: CrfSpec, subject: Subject) -> Visit | None:
    if spec.log:
        return None
    code = next(visit.code for visit in protocol.get().schedule if spec.code in visit.forms)
    return subject.visits.get(code=code)


def prepare(spec: CrfSpec, subject: Subject, by: User) -> None:
    """Save what has to stand before a form of this CRF may be saved."""
    for code in FIRST:
        if code == spec.code:
            return
        save(registry.get(code), subject, by)


def other(spec: CrfSpec, given: dict[str, Any]) -> tuple[str, Any]:
    """An item on which no other depends, with another valid answer. ValueError if the CRF has none."""
    decisive = {item.only_if[0] for item in spec.items if item.only_if}
    fields = {field.name: field for field in item_fields(spec.model)}
    for name, answer in given.items():
        changed = None if name in decisive else _changed(fields[name], name, answer)
        if changed is not None:
            return name, changed
    raise ValueError(f"{spec.code} has no item to change.")


def _changed(field: Any, name: str, answer: Any) -> Any:
    if name in DICTIONARY:
        return DICTIONARY[name][1]
    if field.choices:
        return next((code for code, _ in field.choices if code != answer), None)
    if isinstance(field, models.TextField | models.CharField):
        return "Made up otherwise" if answer == "Made up" else f"{DAY:%Y}"  # all other free text is a partial date
    return answer + 1 if isinstance(field, models.IntegerField | models.DecimalField) else None
