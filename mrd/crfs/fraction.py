"""The answer of an MRD laboratory: a fraction of cells, in whichever way the laboratory wrote it."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from mrd import assay

DIGITS, PLACES = 13, 12
SMALLEST = Decimal("1e-12")


class FractionField(models.DecimalField):
    """A fraction of cells above 0, at most 1. Text such as `2.8e-4`, `2.8 x 10^-4` or `0.028 %` is understood."""

    def to_python(self, value: Any) -> Decimal | None:
        if not isinstance(value, str):
            return super().to_python(value)
        try:
            return assay.parse_fraction(value)
        except assay.UnreadableMrdValue as unreadable:
            raise ValidationError(str(unreadable), code="unreadable") from unreadable


def fraction() -> FractionField:
    return FractionField(
        max_digits=DIGITS,
        decimal_places=PLACES,
        null=True,
        blank=True,
        validators=[MinValueValidator(SMALLEST), MaxValueValidator(1)],
    )
