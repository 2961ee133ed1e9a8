"""What others put on a casebook and on the page of a visit: panels (a template and its context) and links."""

from collections.abc import Callable
from typing import Any

from trial.models import Subject, Visit
from trial.views.request import SignedInRequest

Panel = Callable[[SignedInRequest, Subject], tuple[str, dict[str, Any]] | None]
# [{label, url}] of what this user can do with the subject, or with the visit, now.
SubjectLinks = Callable[[SignedInRequest, Subject], list[dict[str, str]]]
VisitLinks = Callable[[SignedInRequest, Visit], list[dict[str, str]]]
_casebook: list[Panel] = []
_casebook_links: list[SubjectLinks] = []
_visit_links: list[VisitLinks] = []


def add_to_casebook(panel: Panel) -> None:
    """Register a function that returns (template, context), or None where it has nothing to show this user."""
    _casebook.append(panel)


def of_casebook(request: SignedInRequest, subject: Subject) -> list[dict[str, Any]]:
    shown = [panel(request, subject) for panel in _casebook]
    return [{"template": template, **context} for template, context in (found for found in shown if found)]


def add_casebook_links(links: SubjectLinks) -> None:
    """Register what can be done with a subject: sign the casebook, see its history..."""
    _casebook_links.append(links)


def casebook_links(request: SignedInRequest, subject: Subject) -> list[dict[str, str]]:
    return [link for links in _casebook_links for link in links(request, subject)]


def add_visit_links(links: VisitLinks) -> None:
    """Register what can be done with a visit: sign it, freeze it, ask about a missing form..."""
    _visit_links.append(links)


def visit_links(request: SignedInRequest, visit: Visit) -> list[dict[str, str]]:
    return [link for links in _visit_links for link in links(request, visit)]
