"""Widgets of entry forms, written straight as HTML: a form of forty items has more than a hundred of them.

What they write is what Django's templates write for the same widgets (a test compares).
"""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class TextInput(forms.TextInput):
    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        shown = self.format_value(value)
        told = format_html(' value="{}"', shown) if shown else ""
        attributes = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<input type="{}" name="{}"{}{}>', self.input_type, name, told, attributes)


class Select(forms.Select):
    """One of a flat list of choices. Raises ValueError for groups of choices."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = format_html_join(
            "", '<option value="{}"{}>{}</option>', (_option(code, label, chosen) for code, label in self.choices)
        )
        return format_html(
            '<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


def _option(code: Any, label: Any, chosen: set[str]) -> tuple[str, SafeString, Any]:
    if isinstance(label, list | tuple):
        raise ValueError(f"Choices in groups need Django's own widget: {code}.")
    text = "" if code is None else str(code)
    return text, SafeString(" selected" if text in chosen else ""), label
