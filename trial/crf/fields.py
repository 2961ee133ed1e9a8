"""Plain Django fields for items, by what they hold.

Every item may be empty: what an empty answer means stands in `missing`. Presentation (labels, units) stands in the
spec, so that a field deconstructs as the plain field that it is.
"""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from trial import partial_dates

# Instead of Django's words, of a text that is longer than its column.
TOO_LONG = "The text has %(show_value)d characters; at most %(limit_value)d are kept. Shorten it."


class YesNo(models.TextChoices):
    YES = "Y", "Yes"
    NO = "N", "No"


def yes_no() -> models.CharField:
    return choice(YesNo)


def choice(codes: type[models.TextChoices]) -> models.CharField:
    return models.CharField(max_length=40, null=True, blank=True, choices=codes.choices)


def text(length: int = 200) -> models.CharField:
    return models.CharField(max_length=length, null=True, blank=True)


def long_text() -> models.TextField:
    return models.TextField(null=True, blank=True)


def integer(*, low: int | None = None, high: int | None = None) -> models.IntegerField:
    """A whole number; low and high are hard bounds (impossible beyond)."""
    return models.IntegerField(null=True, blank=True, validators=_bounds(low, high))


def decimal(
    digits: int, places: int, *, low: Decimal | int | None = 0, high: Decimal | int | None = None
) -> models.DecimalField:
    """A decimal number; low and high are hard bounds (impossible beyond). Not negative unless `low` says otherwise."""
    return models.DecimalField(
        max_digits=digits, decimal_places=places, null=True, blank=True, validators=_bounds(low, high)
    )


def day() -> models.DateField:
    """A full date: what feeds a statistic."""
    return models.DateField(null=True, blank=True)


def is_partial_date(text: str) -> None:
    """Raise ValidationError unless the text is a year, a month or a day of the calendar, in ISO form."""
    try:
        partial_dates.latest(text)
    except ValueError as error:
        raise ValidationError(f"“{text}” is not a date, a month or a year of the calendar.") from error


is_partial_date.partial_date = True  # type: ignore[attr-defined]  # how the spec, which is no model, knows such an item


def partial_day() -> models.CharField:
    """A date of which month or day may be unknown, as partial ISO text."""
    return models.CharField(
        max_length=10,
        null=True,
        blank=True,
        validators=[is_partial_date],
    )


def partial_day_bound(item: str, bound: str) -> models.GeneratedField:
    """The `earliest` or `latest` day that the partial date `item` can mean, kept by PostgreSQL."""
    return models.GeneratedField(
        expression=models.Func(models.F(item), function=f"cradle_{bound}_day", output_field=models.DateField()),
        output_field=models.DateField(),
        db_persist=True,
    )


def moment() -> models.DateTimeField:
    """A site's wall-clock time, to the minute, kept as UTC."""
    return models.DateTimeField(null=True, blank=True)


def link() -> models.ForeignKey:
    """A link to another form record of the same subject."""
    return models.ForeignKey("trial.FormRecord", null=True, blank=True, on_delete=models.PROTECT, related_name="+")


def _bounds(low: Any, high: Any) -> list[Any]:
    validators: list[Any] = []
    if low is not None:
        validators.append(MinValueValidator(low))
    if high is not None:
        validators.append(MaxValueValidator(high))
    return validators
