"""A page without a mouse."""

import pytest

from tests.browser.conftest import Visitor


def keys(visitor: Visitor, *pressed: str) -> None:
    for key in pressed:
        visitor.page.keyboard.press(key)


def write(visitor: Visitor, text: str, then: str = "Tab") -> None:
    visitor.page.keyboard.type(text)
    keys(visitor, then)


def go_to(visitor: Visitor, selector: str, by: str = "Tab") -> None:
    """Tab until the focus is there: whatever cannot be reached so is a failure."""
    for _ in range(80):
        if visitor.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        keys(visitor, by)
    pytest.fail(f"{by} does not reach {selector}.")


def shows(visitor: Visitor, place: str, text: str) -> None:
    visitor.page.locator(place, has_text=text).wait_for()
