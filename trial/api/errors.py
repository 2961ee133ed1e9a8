"""What an action refuses, as an API answer: the same sentence, with its status."""

from decimal import Decimal
from typing import Any

from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from trial.actions import NumberTaken, Refused, VersionConflict
from trial.actions.queries import QueryTextNeeded
from trial.actions.signatures import AcknowledgementNeeded
from trial.lifecycle import WrongState
from trial.locks import Locked
from trial.missing import WrongMissingCode
from trial.reasons import ReasonNeeded

STATUS: dict[type[Exception], int] = {
    Refused: status.HTTP_400_BAD_REQUEST,
    ReasonNeeded: status.HTTP_400_BAD_REQUEST,
    WrongMissingCode: status.HTTP_400_BAD_REQUEST,
    QueryTextNeeded: status.HTTP_400_BAD_REQUEST,
    AcknowledgementNeeded: status.HTTP_400_BAD_REQUEST,
    VersionConflict: status.HTTP_409_CONFLICT,
    NumberTaken: status.HTTP_409_CONFLICT,
    WrongState: status.HTTP_409_CONFLICT,
    Locked: status.HTTP_423_LOCKED,
}


class VersionNeeded(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = "Say which version you have seen: send its number as If-Match."


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler, with the refusals of our actions."""
    for kind, code in STATUS.items():
        if isinstance(error, kind):
            return Response(_body(error), status=code)
    return exception_handler(error, context)


def _body(error: Exception) -> dict[str, Any]:
    body: dict[str, Any] = {"detail": str(error)}
    if isinstance(error, Refused):
        body["errors"] = error.errors
    if isinstance(error, VersionConflict):
        body |= {"version": error.theirs, "current": {name: _exact(value) for name, value in error.current.items()}}
    return body


def _exact(value: Any) -> Any:
    """A decimal as text, as everywhere in this API; JSON's numbers are binary."""
    return str(value) if isinstance(value, Decimal) else value
