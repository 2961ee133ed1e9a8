"""Panels that apps above put on a casebook: a template and its context."""

from collections.abc import Callable
from typing import Any

from trial.models import Subject
from trial.views.request import SignedInRequest

Panel = Callable[[SignedInRequest, Subject], tuple[str, dict[str, Any]] | None]
_casebook: list[Panel] = []


def add_to_casebook(panel: Panel) -> None:
    """Register a function that returns (template, context), or None where it has nothing to show this user."""
    _casebook.append(panel)


def of_casebook(request: SignedInRequest, subject: Subject) -> list[dict[str, Any]]:
    shown = [panel(request, subject) for panel in _casebook]
    return [{"template": template, **context} for template, context in (found for found in shown if found)]
