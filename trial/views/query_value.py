"""What queries bring, per check: how often it fired, changed data, was confirmed, and after how many days."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from trial import access, retired_checks
from trial.actions.retirement import can_be_retired
from trial.crf import check_list
from trial.exports import lists
from trial.models import CheckRetirement
from trial.permissions import Permission as P
from trial.query_value import POINTED_OUT_FROM, CheckValue, per_check
from trial.views.request import SignedInRequest


def _least_first(value: float | None) -> float:
    return float("inf") if value is None else value


# Name of an order -> its key; what has no number comes last.
ORDERS: dict[str, tuple[str, Callable[[CheckValue], Any]]] = {
    "fired": ("Fired", lambda value: -value.fired),
    "changed": ("Changed", lambda value: -value.changed),
    "share": ("Share changed", lambda value: _least_first(value.changed_share)),
    "confirmed": ("Confirmed", lambda value: -value.confirmed),
    "open": ("Open", lambda value: -value.open),
    "answer": ("Days to answer", lambda value: -(value.days_to_answer or 0)),
    "close": ("Days to close", lambda value: -(value.days_to_close or 0)),
    "check": ("Check", lambda value: value.code),
}
COLUMNS = ("check", "sentence", "fired", "prompts", "queries", "changed", "confirmed", "open", "otherwise", "unsaved",
           "changed_share", "median_days_to_answer", "median_days_to_close", "never_changed",
           "retired_at", "retired_by", "retired_because")  # fmt: skip


@require_safe
def query_value(request: SignedInRequest) -> HttpResponse:
    """The page; the checks that never changed anything are pointed out."""
    access.role_anywhere(request.user, P.VIEW_AUDIT)
    order = request.GET.get("sort", "")
    order = order if order in ORDERS else "fired"
    values, retired = sorted(per_check(), key=ORDERS[order][1]), retired_checks.all_retired()
    may_retire = access.may(request.user, P.RETIRE_CHECK)
    context = {
        "lines": [_line(value, retired.get(value.code), may_retire=may_retire) for value in values],
        "idle": [value for value in values if value.never_changed and value.code not in retired],
        "retired": [{"step": step, "sentence": check_list.sentence(code)} for code, step in retired.items()],
        "pointed_out_from": POINTED_OUT_FROM,
        "orders": [
            {"label": label, "url": f"?{urlencode({'sort': name})}", "current": name == order}
            for name, (label, _) in ORDERS.items()
        ],
        "actions": [{"label": "CSV", "url": reverse("query-value-csv")}],
        "crumbs": [{"label": "Queries", "url": reverse("queries")}, {"label": "What queries bring", "url": ""}],
    }
    return render(request, "trial/query_value.html", context)


def _line(value: CheckValue, retired: CheckRetirement | None, *, may_retire: bool) -> dict[str, Any]:
    answered = _days(value.days_to_answer, "none answered")
    return {
        "value": value,
        "sentence": value.sentence or "This check is no longer part of the program.",
        "retired": retired,
        "can_retire": may_retire and not retired and can_be_retired(value.code),
        "share": _number(value.changed_share, "{:.0%}", "none settled"),
        "to_answer": answered,
        "to_close": _days(value.days_to_close, "none closed"),
    }


def _days(days: float | None, reason: str) -> dict[str, str]:
    return _number(days, "{:.1f}", reason)


def _number(number: float | None, form: str, reason: str) -> dict[str, str]:
    """A number, or a dash with the reason why there is none."""
    return {"text": "–", "reason": reason} if number is None else {"text": form.format(number), "reason": ""}


@require_safe
def query_value_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """The same as CSV; what cannot be given is empty."""
    role = access.role_anywhere(request.user, P.VIEW_AUDIT)
    retired = retired_checks.all_retired()
    rows = (_cells(value, retired.get(value.code)) for value in per_check())
    return lists.download(
        name="query-value", columns=COLUMNS, rows=rows, by=request.user, role=role.code, request=request
    )  # fmt: skip


def _cells(value: CheckValue, retired: CheckRetirement | None) -> list[Any]:
    otherwise = value.fired - value.changed - value.confirmed - value.open - value.left
    return [
        value.code, value.sentence, value.fired, value.prompts, value.queries, value.changed, value.confirmed,
        value.open, otherwise, value.left, _rounded(value.changed_share), _rounded(value.days_to_answer),
        _rounded(value.days_to_close), "yes" if value.never_changed else "no", *_retired(retired),
    ]  # fmt: skip


def _retired(step: CheckRetirement | None) -> list[Any]:
    return [step.at, step.by.full_name, step.reason] if step else ["", "", ""]


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
