"""The places in the frame, by what a user may do. Apps above add theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, reverse

from trial import access
from trial.permissions import Permission as P
from trial.views.request import SignedInRequest


@dataclass(frozen=True)
class Place:
    """A page of the frame. group: the one place under which it stands with others. also: further pages of it."""

    label: str
    url_name: str
    shown_to: Callable[[Any], bool]
    group: str = ""
    also: tuple[str, ...] = ()


def _may(*permissions: P) -> Callable[[Any], bool]:
    return lambda user: any(access.may_anywhere(user, permission) for permission in permissions)


def _sees_all_forms(user: Any) -> bool:
    return access.may_anywhere(user, P.VIEW_DATA) and access.visible_crfs(user) is None


SUBJECTS, REVIEW, ADMINISTRATION = "Subjects", "Review", "Administration"

# Six at most on the left, in the order of their first pages; the pages of one stand as tabs on each of them.
_places = [
    Place("Home", "home", lambda user: True),
    Place("Subjects", "subjects", _may(P.VIEW_DATA), SUBJECTS, ("matrix",)),
    Place("Screening log", "screening-log", _sees_all_forms, SUBJECTS),
    Place("Queries", "queries", _may(P.VIEW_DATA)),
    Place(
        "Verification",
        "verification",
        _may(P.VERIFY, P.REVIEW_DATA, P.REVIEW_MEDICAL, P.PLAN_VERIFICATION),
        REVIEW,
    ),
    Place("Freeze and lock", "locks", _may(P.LOCK), REVIEW),
    Place("Audit trail", "study-history", _may(P.VIEW_AUDIT), REVIEW, ("audit-review",)),
    Place("Sites and people", "people", _may(P.MANAGE_PEOPLE), ADMINISTRATION),
    Place("Delegation", "own-delegations", _may(P.DELEGATE), ADMINISTRATION, ("delegations",)),
    Place("Access register", "access-on", _may(P.VIEW_AUDIT), ADMINISTRATION),
]


def add(place: Place) -> None:
    _places.append(place)


def shown(request: SignedInRequest) -> dict[str, list[dict[str, Any]]]:
    """places: what stands on the left, six at most; tabs: the pages that stand together with the one that is open."""
    groups = _groups(request.user)
    open_now = getattr(request.resolver_match, "url_name", "")
    tabs = next((pages for pages in groups.values() if any(_is_open(page, open_now) for page in pages)), [])
    return {
        "places": [_group(label, pages, request.path, open_now) for label, pages in groups.items()],
        "tabs": [_link(page.label, page, _is_open(page, open_now)) for page in tabs] if len(tabs) > 1 else [],
    }


def _groups(user: Any) -> dict[str, list[Place]]:
    """Label -> the pages of one place; a page that stands alone for this user goes by its own name."""
    demo = [Place("Demo mail", "outbox", lambda user: True)] if settings.DEMO else []
    found: dict[str, list[Place]] = {}
    for page in [*_places, *demo]:
        if page.shown_to(user):
            found.setdefault(page.group or page.label, []).append(page)
    return {label if len(pages) > 1 else pages[0].label: pages for label, pages in found.items()}


def _group(label: str, pages: list[Place], path: str, open_now: str) -> dict[str, Any]:
    is_current = any(_is_open(page, open_now) or _is_under(path, reverse(page.url_name)) for page in pages)
    return _link(label, pages[0], is_current)


def _link(label: str, page: Place, is_current: bool) -> dict[str, Any]:
    return {"label": label, "url": reverse(page.url_name), "current": is_current}


def _is_open(page: Place, url_name: str) -> bool:
    return url_name in {page.url_name, *page.also}


def _is_under(path: str, url: str) -> bool:
    return path == url if url == get_script_prefix() else path.startswith(url)
