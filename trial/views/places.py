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
    label: str
    url_name: str
    shown_to: Callable[[Any], bool]


def _may(*permissions: P) -> Callable[[Any], bool]:
    return lambda user: any(access.may_anywhere(user, permission) for permission in permissions)


def _sees_all_forms(user: Any) -> bool:
    return access.may_anywhere(user, P.VIEW_DATA) and access.visible_crfs(user) is None


_places = [
    Place("Home", "home", lambda user: True),
    Place("Subjects", "subjects", _may(P.VIEW_DATA)),
    Place("Screening log", "screening-log", _sees_all_forms),
    Place("Queries", "queries", _may(P.VIEW_DATA)),
    Place("Verification", "verification", _may(P.VERIFY, P.REVIEW_DATA, P.REVIEW_MEDICAL, P.PLAN_VERIFICATION)),
    Place("Freeze and lock", "locks", _may(P.LOCK)),
    Place("Delegation", "own-delegations", _may(P.DELEGATE)),
    Place("Audit trail", "study-history", _may(P.VIEW_AUDIT)),
    Place("Sites and people", "people", _may(P.MANAGE_PEOPLE)),
    Place("Access register", "access-on", _may(P.VIEW_AUDIT)),
]


def add(place: Place) -> None:
    _places.append(place)


def shown(request: SignedInRequest) -> list[dict[str, Any]]:
    found = [place for place in _places if place.shown_to(request.user)]
    if settings.DEMO:
        found.append(Place("Demo mail", "outbox", lambda user: True))
    return [
        {"label": place.label, "url": (url := reverse(place.url_name)), "current": _is_current(request.path, url)}
        for place in found
    ]


def _is_current(path: str, url: str) -> bool:
    return path == url if url == get_script_prefix() else path.startswith(url)
