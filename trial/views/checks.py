"""One edit check: what it says, who retired it or brought it back and why, and the step that can be taken now."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from trial import access, actions, reasons, retired_checks
from trial.actions.queries import LONGEST_TEXT, QueryTextNeeded
from trial.actions.retirement import can_be_retired
from trial.checks import Severity
from trial.crf import check_list
from trial.lifecycle import LIVE_QUERY_STATES
from trial.models import CheckRetirement, Query, User
from trial.permissions import Permission as P
from trial.views.request import SignedInRequest

STAYS = {
    Severity.HARD: "It refuses a save, because it holds a rule of the trial. It cannot be retired.",
    Severity.ORDER: "It holds the order of the trial's steps. It cannot be retired.",
    None: "It is no longer part of the program and asks nothing.",
}


class WhyForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 3}))


@require_safe
def check(request: SignedInRequest, code: str) -> HttpResponse:
    """The page of a check: of one that stands in the program, or was retired when it did."""
    return _show(request, code, WhyForm())


@require_POST
def retire(request: SignedInRequest, code: str) -> HttpResponse:
    """Let it ask no more, and close its open queries."""
    return _take(request, code, _retire)


@require_POST
def bring_back(request: SignedInRequest, code: str) -> HttpResponse:
    """Let it ask again."""
    return _take(request, code, _bring_back)


def _retire(code: str, by: User, reason: str) -> str:
    closed = actions.retire_check(check_code=code, by=by, reason=reason)
    return f"{code} is retired. {_queries(closed)} closed."


def _bring_back(code: str, by: User, reason: str) -> str:
    actions.bring_back_check(check_code=code, by=by, reason=reason)
    return f"{code} asks again: at every save, and about the data that stand in the next run of checks."


def _take(request: SignedInRequest, code: str, step: Callable[[str, User, str], str]) -> HttpResponse:
    """Take the step and say so; a reason that will not do is said at its field."""
    access.role_for(request.user, P.RETIRE_CHECK)
    form = WhyForm(request.POST)
    if form.is_valid():
        try:
            messages.success(request, step(code, request.user, form.cleaned_data["reason"]))
            return redirect("check", code)
        except (reasons.ReasonNeeded, QueryTextNeeded) as needed:
            form.add_error("reason", str(needed))
    return _show(request, code, form, status=422)


def _show(request: SignedInRequest, code: str, form: WhyForm, status: int = 200) -> HttpResponse:
    access.role_anywhere(request.user, P.VIEW_AUDIT)
    severity, steps = check_list.severity(code), retired_checks.steps_of(code)
    if severity is None and not steps and not Query.objects.filter(check_code=code).exists():
        raise Http404(f"There is no check {code}.")
    live = Query.objects.filter(check_code=code, state__in=LIVE_QUERY_STATES).count()
    retired = steps[0] if steps and steps[0].retired else None
    context = {
        "code": code,
        "sentence": check_list.sentence(code),
        "severity": severity,
        "retired": retired,
        "stays": "" if can_be_retired(code) else STAYS[severity],
        "steps": [_step(step) for step in steps],
        "live": live,
        "queries_close": _queries(live),
        "form": form if access.may(request.user, P.RETIRE_CHECK) and (retired or can_be_retired(code)) else None,
        "actions": [{"label": "Its queries", "url": f"{reverse('queries')}?state=&check_code={code}"}],
        "crumbs": [
            {"label": "Queries", "url": reverse("queries")},
            {"label": "What queries bring", "url": reverse("query-value")},
            {"label": code, "url": ""},
        ],
    }
    return render(request, "trial/check.html", context, status=status)


def _queries(number: int) -> str:
    return {0: "No query", 1: "1 query"}.get(number, f"{number} queries")


def _step(step: CheckRetirement) -> dict[str, Any]:
    return {"word": "Retired" if step.retired else "Brought back", "step": step}
