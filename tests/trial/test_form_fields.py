"""Fields whose choices are given late are the kind that their form says."""

import pytest
from django import forms

from trial.form_fields import choice_field, row_field


class Filter(forms.Form):
    site = forms.ChoiceField()


def test_choices_are_given_late() -> None:
    asked = Filter({"site": "NL01"})
    choice_field(asked, "site").choices = [("NL01", "Utrecht")]
    assert asked.is_valid()


def test_a_field_of_another_kind_is_named() -> None:
    with pytest.raises(TypeError, match="site of Filter is a ChoiceField, not a ModelChoiceField"):
        row_field(Filter(), "site")
