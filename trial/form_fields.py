"""Fields whose choices are known only when the form is made: who asks, and what there is by then."""

from typing import TypeVar

from django import forms

_Field = TypeVar("_Field", bound=forms.Field)


def choice_field(form: forms.BaseForm, name: str) -> forms.ChoiceField:
    """The form's own field of that name, whose `choices` are now given. TypeError for a field without choices."""
    return _field(form, name, forms.ChoiceField)


def row_field(form: forms.BaseForm, name: str) -> forms.ModelChoiceField:
    """The form's own field of that name, whose `queryset` is now given. TypeError for a field without rows."""
    return _field(form, name, forms.ModelChoiceField)


def _field(form: forms.BaseForm, name: str, kind: type[_Field]) -> _Field:
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} of {type(form).__name__} is a {type(field).__name__}, not a {kind.__name__}")
    return field
