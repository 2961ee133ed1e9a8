"""Our widgets write what Django's templates write for them, as a browser reads it."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms

from trial.crf import widgets

CHOICES = [("", "—"), ("A", 'First <&> "one"'), ("0", "Zero"), (7, "Seven")]


class Read(HTMLParser):
    """Elements with their attributes, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Any] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, sorted(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(data.strip())


@pytest.mark.parametrize("value", ["", None, "0", 0, "6.80", 'say "<b>" & so'])
@pytest.mark.parametrize("attrs", [None, {"id": "id_x", "required": True, "disabled": False, "class": "number"}])
def test_a_text_input(value: Any, attrs: Any) -> None:
    ours, django = (
        made({"autocomplete": "off"}).render("x", value, attrs) for made in (widgets.TextInput, forms.TextInput)
    )
    assert Read(ours).found == Read(django).found


@pytest.mark.parametrize("value", ["", None, "A", "0", 0, 7, "7", "unknown"])
@pytest.mark.parametrize("attrs", [None, {"id": "id_x", "data-combobox": ""}])
def test_a_select(value: Any, attrs: Any) -> None:
    ours, django = (made(choices=CHOICES).render("x", value, attrs) for made in (widgets.Select, forms.Select))
    assert Read(ours).found == Read(django).found


def test_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="groups"):
        widgets.Select(choices=[("Group", [("A", "First")])]).render("x", "A")
