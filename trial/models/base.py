"""What each table may have done to it by the application role, and the base of every CRF table."""

from enum import StrEnum
from typing import Any, TypeVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from trial.history import tracked

T = TypeVar("T", bound=models.Model)


class TableClass(StrEnum):
    """Rights of the application role on a table."""

    CLINICAL = "SELECT, INSERT, UPDATE"  # marked deleted, never removed
    APPEND_ONLY = "SELECT, INSERT"
    OPERATIONAL = "SELECT, INSERT, UPDATE, DELETE"
    REFERENCE = "SELECT"


class Crf(models.Model):
    """Base of every CRF table: one typed row hung on its form record.

    missing: item -> {"code": ..., "reason": ...}, only for items whose column is null.
    """

    table_class = TableClass.CLINICAL

    record = models.OneToOneField("trial.FormRecord", on_delete=models.PROTECT, primary_key=True, related_name="+")
    site = models.ForeignKey("trial.Site", on_delete=models.PROTECT, related_name="+")
    missing = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True


SPINE = frozenset({"record", "site", "missing"})


def item_fields(model: type[models.Model]) -> list[models.Field]:
    """The model's fields that hold answers, in their order (generated columns are not answers)."""
    return [
        field for field in model._meta.concrete_fields
        if field.name not in SPINE and not isinstance(field, models.GeneratedField)
    ]  # fmt: skip


def crf_table(model: type[T]) -> type[T]:
    """Class decorator of a CRF table: history, and what the database must hold of every answer."""
    _add_constraints(model, [constraint for field in item_fields(model) for constraint in _constraints(model, field)])
    return tracked(model)


def _constraints(model: type[models.Model], field: Any) -> list[models.CheckConstraint]:
    """Code lists, hard bounds, and a missing code only where there is no value."""
    name = f"{model._meta.model_name}_{field.name}"
    found = [
        models.CheckConstraint(
            name=f"{name}_missing", condition=~Q(missing__has_key=field.name) | Q(**{f"{field.name}__isnull": True})
        )
    ]
    valid = Q()
    if field.choices:
        valid &= Q(**{f"{field.name}__in": [code for code, _ in field.choices]})
    for validator in field.validators:
        if isinstance(validator, MinValueValidator) and not isinstance(validator.limit_value, float):
            valid &= Q(**{f"{field.name}__gte": validator.limit_value})
        elif isinstance(validator, MaxValueValidator):
            valid &= Q(**{f"{field.name}__lte": validator.limit_value})
    if valid:
        found.append(
            models.CheckConstraint(name=f"{name}_valid", condition=valid | Q(**{f"{field.name}__isnull": True}))
        )
    return found


def _add_constraints(model: type[models.Model], constraints: list[models.CheckConstraint]) -> None:
    model._meta.constraints = [*model._meta.constraints, *constraints]
    # The migration autodetector reads the original attributes.
    model._meta.original_attrs["constraints"] = model._meta.constraints
