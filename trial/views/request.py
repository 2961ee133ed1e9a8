import re
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, QueryDict

from trial.models import User


class SignedInRequest(HttpRequest):
    """A request behind SignInRequiredMiddleware: its user is a person with an account."""

    user: User


def version_of(request: HttpRequest) -> int:
    """The version of the form that the page had shown; 0 where none was sent: nothing was seen."""
    version = request.POST.get("version", "")
    return int(version) if re.fullmatch("[0-9]{1,9}", version) else 0


def submission_of(request: HttpRequest) -> UUID | None:
    """What names this submit; None where nothing usable was sent."""
    try:
        return UUID(request.POST.get("submission", ""))
    except ValueError:
        return None


def put_entries(request: HttpRequest, entries: QueryDict) -> None:
    """Go on as if these had been sent: what was typed, with what stands where the person keeps that."""
    request.POST = cast(Any, entries)
