"""The list of queries: filters, order, CSV, and steps taken with many at once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from trial import access, clock, roles
from trial.actions.query_bulk import MOST, BulkStep, Done, change_many, plan
from trial.crf import registry
from trial.exports import lists
from trial.form_fields import choice_field
from trial.lifecycle import LIVE_QUERY_STATES, QueryState
from trial.models import Query, User
from trial.permissions import Permission as P
from trial.query_thread import Times, span, times
from trial.views import saved_filters
from trial.views.filters import insist
from trial.views.queries import place_of, role_name, said, status_of, visit_label, visit_of
from trial.views.request import SignedInRequest

PAGE = 50
SHOWN_WITH = ("record__visit", "visit", "messages")
ORDERS = {
    "oldest": ("Oldest first", ["opened_at", "id"]),
    "newest": ("Newest first", ["-opened_at", "-id"]),
    "subject": ("Subject", ["subject__number", "opened_at", "id"]),
    "form": ("Form", ["crf_code", "item", "opened_at", "id"]),
    "check": ("Check", ["check_code", "opened_at", "id"]),
    "state": ("State", ["state", "opened_at", "id"]),
}


class QueryFilter(forms.Form):
    state = forms.ChoiceField(
        required=False,
        label="State",
        choices=[("live", "Open and answered"), ("", "All"), *((s, s.capitalize()) for s in QueryState)],
    )
    site = forms.CharField(required=False, label="Site")
    subject = forms.CharField(required=False, label="Subject")
    form = forms.ChoiceField(required=False, label="Form")
    check_code = forms.CharField(required=False, label="Check")
    older = forms.IntegerField(required=False, min_value=0, max_value=36500, label="Older than, days")
    role = forms.ChoiceField(required=False, label="Raised as")
    mine = forms.BooleanField(required=False, label="Raised by me")
    sort = forms.ChoiceField(required=False, label="Order", choices=[(k, label) for k, (label, _) in ORDERS.items()])

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        raising = [role for role in roles.all_roles() if P.RAISE_QUERY in role.permissions]
        choices = [(role.code, "Check" if role.code == "system" else role.name) for role in raising]
        choice_field(self, "role").choices = [("", "All"), *choices]
        titles = [("", "All"), *((spec.code, spec.title) for spec in registry.all_specs())]
        choice_field(self, "form").choices = titles


def _filter(data: QueryDict) -> QueryFilter:
    """What was asked for; open and answered ones unless asked otherwise."""
    return QueryFilter(data if "state" in data else {**data.dict(), "state": "live"})


saved_filters.add_list("queries", lambda user, data: _filter(data), blank_counts=("state",))


def _rows(user: User, filters: QueryFilter) -> QuerySet[Query]:
    """The queries that fit. What cannot be read as a filter is passed over."""
    filters.is_valid()
    wanted = {name: filters.cleaned_data.get(name) for name in filters.fields}
    order = ORDERS[wanted["sort"] or "oldest"][1]
    return _fitting(access.queries(user), wanted, user).order_by(*order)


def _fitting(rows: QuerySet[Query], wanted: dict[str, Any], user: User) -> QuerySet[Query]:
    if wanted["state"]:
        rows = rows.filter(state__in=LIVE_QUERY_STATES if wanted["state"] == "live" else [wanted["state"]])
    contains = {"site": "site__number", "subject": "subject__number", "check_code": "check_code"}
    for name, column in contains.items():
        if wanted[name]:
            rows = rows.filter(**{f"{column}__icontains": wanted[name]})
    if wanted["form"]:
        rows = rows.filter(crf_code=wanted["form"])
    if wanted["older"] is not None:
        rows = rows.filter(opened_at__lt=clock.now() - timedelta(days=wanted["older"]))
    if wanted["role"]:
        rows = rows.filter(opened_role=wanted["role"])
    return rows.filter(opened_by=user) if wanted["mine"] else rows


@require_safe
def queries(request: SignedInRequest) -> HttpResponse:
    """Queries of the user's sites, 50 a page."""
    access.role_anywhere(request.user, P.VIEW_DATA)
    filters = _filter(request.GET)
    rows = _rows(request.user, filters).select_related("subject")
    # Forms, visits and threads of the 50 that are shown: joined to all, they would be looked up for thousands.
    page = Paginator(rows.prefetch_related(*SHOWN_WITH), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [_line(query) for query in page],
        "filters": filters,
        "filters_reset_url": f"{reverse('queries')}?state=",
        "saved": saved_filters.shown(request, filters),
        "address": request.GET.urlencode(),
        "can_bulk": access.may_anywhere(request.user, P.RAISE_QUERY),
        "most": MOST,
        "actions": _links(request),
    }
    return render(request, "trial/queries.html", context)


def _links(request: SignedInRequest) -> list[dict[str, Any]]:
    links = [{"label": "CSV of this list", "url": f"{reverse('queries-csv')}?{request.GET.urlencode()}"}]
    if access.may_anywhere(request.user, P.VIEW_AUDIT):
        links.append({"label": "What queries bring", "url": reverse("query-value")})
        links.append({"label": "Runs of checks", "url": reverse("check-runs")})
    return links


def _line(query: Query) -> dict[str, Any]:
    status, word = status_of(query)
    spent = _times(query)
    return {
        "query": query,
        "place": place_of(query),
        "visit": visit_label(visit_of(query)),
        "age": span(spent.age),
        "to_answer": span(spent.to_answer) if spent.to_answer is not None else "–",
        "to_close": span(spent.to_close) if spent.to_close is not None else "–",
        "raised": "Check" if query.check_code else role_name(query.opened_role),
        "status": status,
        "word": word,
    }


def _times(query: Query) -> Times:
    thread = said(query.messages.all())
    return times(thread, opened_at=query.opened_at, closed_at=query.closed_at, now=clock.now())


# --- CSV ---------------------------------------------------------------------------------------------------------

COLUMNS = (
    "query", "subject", "site", "visit", "form", "item", "check", "text", "state", "confirmed", "raised_as",
    "raised_by", "opened_at", "first_answer_after_days", "closed_at", "closed_after_days", "age_days", "asked_again",
)  # fmt: skip


@require_safe
def queries_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """The filtered list as CSV, all pages of it."""
    role = access.role_anywhere(request.user, P.VIEW_DATA)
    filters = _filter(request.GET)
    insist(filters)
    rows = (_cells(query) for query in _in_parts(_rows(request.user, filters)))
    return lists.download(
        name="queries", columns=COLUMNS, rows=rows, by=request.user, role=role.code, request=request
    )  # fmt: skip


def _in_parts(rows: QuerySet[Query]) -> Iterator[Query]:
    """All of them, some hundreds at a time, with their threads."""
    return rows.select_related("subject", "site", "opened_by").prefetch_related(*SHOWN_WITH).iterator(chunk_size=500)


def _cells(query: Query) -> list[Any]:
    spent = _times(query)
    visit = visit_of(query)
    return [
        query.pk, query.subject.number, query.site.number, visit.code if visit else "", query.crf_code, query.item,
        query.check_code, query.text, query.state, "yes" if query.confirmed else "no", query.opened_role,
        query.opened_by.full_name, query.opened_at, _days(spent.to_answer), query.closed_at, _days(spent.to_close),
        _days(spent.age), query.reopened,
    ]  # fmt: skip


def _days(time: timedelta | None) -> float | None:
    return None if time is None else round(time / timedelta(days=1), 2)


# --- many at once ------------------------------------------------------------------------------------------------

STEP_WORDS = {BulkStep.CLOSE: ("Close", "will close"), BulkStep.REOPEN: ("Ask again", "will be open again")}


@require_POST
def bulk(request: SignedInRequest) -> HttpResponse:
    """What would happen to each chosen query; once confirmed, it happens."""
    access.role_anywhere(request.user, P.RAISE_QUERY)
    step = next((step for step in BulkStep if step == request.POST.get("step")), None)
    if step is None:
        raise Http404("Queries are closed or asked again.")
    if "confirm" in request.POST:
        return _take_step(request, step)
    planned = plan(step=step, chosen=_chosen(request), by=request.user)
    label, word = STEP_WORDS[step]
    context = {
        "step": step,
        "label": label,
        "needs_text": step is BulkStep.REOPEN,
        "lines": [
            {
                "planned": one,
                "place": place_of(one.query),
                "outcome": one.refusal or word,
                "status": status_of(one.query),
            }
            for one in planned
        ],
        "can": sum(not one.refusal for one in planned),
        "filters": request.POST.get("filters", ""),
        "crumbs": _crumbs(f"{label}: look first"),
    }
    return render(request, "trial/query_bulk.html", context)


def _chosen(request: SignedInRequest) -> list[int]:
    """The ticked queries, or all that fit the filters that the list had."""
    if "all" in request.POST:
        filters = _filter(QueryDict(request.POST.get("filters", "")))
        rows = _rows(request.user, filters) if filters.is_valid() else Query.objects.none()
        return list(rows.values_list("pk", flat=True)[: MOST + 1])
    return [int(pk) for pk in request.POST.getlist("query") if pk.isascii() and pk.isdigit() and len(pk) < 19]


def _take_step(request: SignedInRequest, step: BulkStep) -> HttpResponse:
    pairs = (entry.partition(":") for entry in request.POST.getlist("seen"))
    seen = {int(pk): mark for pk, _, mark in pairs if pk.isascii() and pk.isdigit() and len(pk) < 19}
    done = change_many(step=step, seen=seen, by=request.user, text=request.POST.get("text", ""))
    count = len(done.changed)
    word = "closed" if step is BulkStep.CLOSE else "open again"
    messages.success(request, f"{count} quer{'y is' if count == 1 else 'ies are'} {word}.")
    if done.left:
        return _show_left(request, done)
    back = QueryDict(request.POST.get("filters", "")).urlencode()
    return redirect(f"{reverse('queries')}?{back}" if back else "queries")


def _show_left(request: SignedInRequest, done: Done) -> HttpResponse:
    lines = [{"query": query, "place": place_of(query), "sentence": sentence} for query, sentence in done.left]
    context = {"lines": lines, "changed": done.changed, "crumbs": _crumbs("Left as they were")}
    return render(request, "trial/query_bulk_left.html", context)


def _crumbs(label: str) -> list[dict[str, str]]:
    return [{"label": "Queries", "url": reverse("queries")}, {"label": label, "url": ""}]
