from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from trial import access, actions, moments, roles, worklists
from trial.crf import registry
from trial.lifecycle import LIVE_QUERY_STATES, QueryState
from trial.models import Query
from trial.permissions import Permission as P
from trial.views.request import SignedInRequest

PAGE = 50
REOPENED_FROM = (QueryState.ANSWERED, QueryState.CLOSED)


class QueryFilter(forms.Form):
    state = forms.ChoiceField(
        required=False,
        label="State",
        choices=[("live", "Open and answered"), ("", "All"), *((s, s.capitalize()) for s in QueryState)],
    )
    site = forms.CharField(required=False, label="Site")
    subject = forms.CharField(required=False, label="Subject")
    check_code = forms.CharField(required=False, label="Check")


@require_safe
def queries(request: SignedInRequest) -> HttpResponse:
    """Queries of the user's sites, oldest first; open and answered ones unless asked otherwise."""
    access.role_anywhere(request.user, P.VIEW_DATA)
    data = request.GET if "state" in request.GET else {**request.GET.dict(), "state": "live"}
    filters = QueryFilter(data)
    rows = access.queries(request.user).select_related("subject")
    if filters.is_valid():
        rows = _filtered(rows, filters.cleaned_data)
    page = Paginator(rows.order_by("opened_at", "id"), PAGE).get_page(request.GET.get("page"))
    lines = [_line(query) for query in page]
    return render(request, "trial/queries.html", {"page": page, "lines": lines, "filters": filters})


def _filtered(rows: QuerySet[Query], wanted: dict[str, str]) -> QuerySet[Query]:
    if wanted["state"]:
        states = LIVE_QUERY_STATES if wanted["state"] == "live" else [wanted["state"]]
        rows = rows.filter(state__in=states)
    if wanted["site"]:
        rows = rows.filter(site__number__icontains=wanted["site"])
    if wanted["subject"]:
        rows = rows.filter(subject__number__icontains=wanted["subject"])
    if wanted["check_code"]:
        rows = rows.filter(check_code__icontains=wanted["check_code"])
    return rows


def _line(query: Query) -> dict[str, object]:
    spec = registry.get(query.crf_code)
    label = spec.item(query.item).label if query.item and spec.has_item(query.item) else ""
    return {
        "query": query,
        "form": spec.title,
        "item": label,
        "waited": worklists.days_waited(query.opened_at),
        "status": _status(query)[0],
        "word": _status(query)[1],
    }


def _status(query: Query) -> tuple[str, str]:
    return {
        QueryState.OPEN: ("query_open", "Open"),
        QueryState.ANSWERED: ("query_answered", "Answered"),
        QueryState.CLOSED: ("complete", "Confirmed" if query.confirmed else "Closed"),
        QueryState.CANCELLED: ("not_due", "Cancelled"),
    }[QueryState(query.state)]


@require_safe
def query(request: SignedInRequest, pk: int) -> HttpResponse:
    """One query and what was said."""
    found = access.get_query(request.user, pk)
    status, word = _status(found)
    replies = [
        {
            "who": message.by.full_name,
            "role": roles.get(message.role).name if message.role else "",
            "at": moments.show(message.at, found.site.time_zone),
            "text": message.text,
            "action": message.step,
        }
        for message in found.messages.select_related("by")
    ]
    context = {
        "query": {"title": found.text, "status": status, "word": word},
        "found": found,
        "label": found.about,
        "replies": replies,
        "form_url": _form_url(found),
        "can_answer": found.state == QueryState.OPEN
        and access.may(request.user, P.ANSWER_QUERY, found.site_id, found.crf_code),
        "can_close": actions.can_close_query(request.user, found),
        "can_reopen": found.state in REOPENED_FROM and actions.can_reopen_query(request.user, found),
        "crumbs": [
            {"label": "Queries", "url": reverse("queries")},
            {"label": found.subject.number, "url": reverse("casebook", args=[found.subject.number])},
            {"label": f"Query {found.pk}", "url": ""},
        ],
    }
    return render(request, "trial/query.html", context)


def _form_url(query: Query) -> str:
    """Where the data stands that is asked about; of a missing form, where it is entered."""
    if query.record_id:
        return reverse("form", args=[query.record_id]) + (f"#row-{query.item}" if query.item else "")
    visit = query.visit
    if query.crf_code and visit:
        return f"{reverse('form-new', args=[query.subject.number, query.crf_code])}?visit={visit.code}"
    return reverse("casebook", args=[query.subject.number])


@require_POST
def answer_query(request: SignedInRequest, pk: int) -> HttpResponse:
    found = access.get_query(request.user, pk)
    actions.answer_query(query=found, by=request.user, text=request.POST.get("text", ""))
    messages.success(request, "Your answer is saved; a data manager reads it next.")
    return redirect("query", pk)


@require_POST
def close_query(request: SignedInRequest, pk: int) -> HttpResponse:
    found = access.get_query(request.user, pk)
    actions.close_query(query=found, by=request.user, text=request.POST.get("text", ""))
    messages.success(request, "The query is closed.")
    return redirect("query", pk)


@require_POST
def reopen_query(request: SignedInRequest, pk: int) -> HttpResponse:
    found = access.get_query(request.user, pk)
    actions.reopen_query(query=found, by=request.user, text=request.POST.get("text", ""))
    messages.success(request, "The query is open again.")
    return redirect("query", pk)


@require_POST
def ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Raise a query on an item, or on the form."""
    record = access.get_form(request.user, pk)
    query = actions.open_query(
        target=record, item=request.POST.get("item", ""), text=request.POST.get("text", ""), by=request.user
    )
    messages.success(request, "The query is open; the site sees it in its work-list.")
    return redirect("query", query.pk)
