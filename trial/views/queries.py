"""One query: what was asked, said and changed, and the steps that can be taken with it. Asking a new one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trial import access, actions, clock, moments, protocol, replies, roles
from trial.actions.queries import LONGEST_TEXT, MissingForm, Target, live_on, question
from trial.crf import registry
from trial.history import ItemChange, item_changes
from trial.lifecycle import QueryState
from trial.models import FormRecord, Query, QueryMessage, Visit
from trial.permissions import Permission as P
from trial.query_thread import Said, live_periods, span, times
from trial.views import form_page, panels
from trial.views.request import SignedInRequest

REOPENED_FROM = (QueryState.ANSWERED, QueryState.CLOSED)
Periods = list[tuple[datetime, datetime | None]]


def status_of(query: Query) -> tuple[str, str]:
    """Status and word."""
    return {
        QueryState.OPEN: ("query_open", "Open"),
        QueryState.ANSWERED: ("query_answered", "Answered"),
        QueryState.CLOSED: ("complete", "Confirmed" if query.confirmed else "Closed"),
        QueryState.CANCELLED: ("not_due", "Cancelled"),
    }[QueryState(query.state)]


def said(thread: Iterable[QueryMessage]) -> list[Said]:
    """The thread as `query_thread` reads it."""
    return [Said(message.step, message.at, message.role == "system", message.reason_code) for message in thread]


def visit_label(visit: Visit | None) -> str:
    return protocol.get().visit(visit.code).label if visit else ""


def visit_of(query: Query) -> Visit | None:
    return query.record.visit if query.record is not None else query.visit


def place_of(query: Query) -> str:
    """What is asked about, in words: `Vital signs: Weight`, `Vital signs (missing)`, `The visit`."""
    spec = registry.find(query.crf_code) if query.crf_code else None
    if spec is None:
        return "The visit"
    if query.item and spec.has_item(query.item):
        return f"{spec.title}: {spec.item(query.item).label}"
    return spec.title if query.record_id else f"{spec.title} (missing)"


def role_name(code: str) -> str:
    return next((role.name for role in roles.all_roles() if role.code == code), code)


# --- one query ---------------------------------------------------------------------------------------------------


@require_safe
def query(request: SignedInRequest, pk: int) -> HttpResponse:
    """One query: what was said, and what was changed while it lived."""
    found = access.get_query(request.user, pk)
    status, word = status_of(found)
    thread = list(found.messages.select_related("by"))
    changes = _changes(found, live_periods(said(thread)))
    context = {
        "query": {"title": found.text, "status": status, "word": word},
        "found": found,
        "place": place_of(found),
        "facts": _facts(found, said(thread)),
        "replies": sorted([*(_said_line(found, m) for m in thread), *changes], key=lambda line: line["moment"]),
        "unchanged": _says_corrected(thread) and not changes,
        "form_url": _form_url(found),
        "reply_choices": list(replies.REPLIES.items()),
        "longest": LONGEST_TEXT,
        "can_answer": found.state == QueryState.OPEN
        and access.may(request.user, P.ANSWER_QUERY, found.site_id, found.crf_code),
        "can_close": actions.can_close_query(request.user, found),
        "can_reopen": found.state in REOPENED_FROM and actions.can_reopen_query(request.user, found),
        "can_cancel": actions.can_cancel_query(request.user, found),
        "crumbs": [
            {"label": "Queries", "url": reverse("queries")},
            {"label": found.subject.number, "url": reverse("casebook", args=[found.subject.number])},
            {"label": f"Query {found.pk}", "url": ""},
        ],
    }
    return render(request, "trial/query.html", context)


def _said_line(found: Query, message: QueryMessage) -> dict[str, Any]:
    return {
        "who": message.by.full_name,
        "role": role_name(message.role),
        "at": moments.show(message.at, found.site.time_zone),
        "moment": message.at,
        "text": replies.compose(message.reason_code, message.text),
        "action": message.step,
    }


def _says_corrected(thread: list[QueryMessage]) -> bool:
    answers = [message for message in thread if message.step == "answer"]
    return bool(answers) and answers[-1].reason_code == "corrected"


def _changes(found: Query, periods: Periods) -> list[dict[str, Any]]:
    """What became of the data asked about while the query lived, from history."""
    if found.record is None:
        return _entered(found, periods)
    changes = item_changes(found.record.spec.model, found.record.pk, _items_asked(found))
    return [_change_line(found, found.record, change) for change in changes if _within(change.at, periods)]


def _items_asked(found: Query) -> list[str]:
    """The items that the query is about: all of the form, or those that its check looks at."""
    spec = registry.get(found.crf_code)
    if not found.item:
        return [item.name for item in spec.items]
    looked_at: tuple[str, ...] = next((check.items for check in spec.checks if check.code == found.check_code), ())
    return list(dict.fromkeys([found.item, *looked_at]))


def _within(moment: datetime, periods: Periods) -> bool:
    return any(start <= moment and (end is None or moment <= end) for start, end in periods)


def _change_line(found: Query, record: FormRecord, change: ItemChange) -> dict[str, Any]:
    column = record.spec.model._meta.get_field(change.item)
    old, new = (form_page.shown(column, value, record) or "blank" for value in (change.old, change.new))
    reason = f". Reason: {change.reason}" if change.reason else ""
    return {
        "who": change.by,
        "role": role_name(change.role),
        "at": moments.show(change.at, found.site.time_zone),
        "moment": change.at,
        "text": f"{record.spec.item(change.item).label}: {old} → {new}{reason}",
        "action": "changed the data",
        "url": reverse("item-history", args=[record.pk, change.item]),
        "url_text": "History",
    }


def _entered(found: Query, periods: Periods) -> list[dict[str, Any]]:
    """The missing form, once it was entered."""
    if not found.crf_code:
        return []
    records = FormRecord.objects.filter(visit=found.visit, crf_code=found.crf_code).select_related("created_by")
    return [
        {
            "who": record.created_by.full_name,
            "role": "",
            "at": moments.show(record.created_at, found.site.time_zone),
            "moment": record.created_at,
            "text": f"{record.spec.title}, {visit_label(found.visit)}.",
            "action": "entered the form",
            "url": reverse("form", args=[record.pk]),
            "url_text": "Open it",
        }
        for record in records
        if _within(record.created_at, periods)
    ]


def _facts(found: Query, thread: list[Said]) -> list[dict[str, str]]:
    spent = times(thread, opened_at=found.opened_at, closed_at=found.closed_at, now=clock.now())
    facts = [
        ("Subject", found.subject.number),
        ("Site", found.site.number),
        ("Visit", visit_label(visit_of(found))),
        ("Raised as", "Check" if found.check_code else role_name(found.opened_role)),
        ("Check", found.check_code),
        ("Age", span(spent.age)),
        ("First answer after", span(spent.to_answer) if spent.to_answer is not None else "– not answered"),
        ("Closed after", span(spent.to_close) if spent.to_close is not None else "– not closed"),
        ("Asked again", f"{found.reopened} time{'s' if found.reopened > 1 else ''}" if found.reopened else ""),
    ]
    return [{"label": label, "value": value} for label, value in facts if value]


def _form_url(query: Query) -> str:
    """Where the data stands that is asked about; of a missing form, where it is entered."""
    if query.record_id:
        return reverse("form", args=[query.record_id]) + (f"#row-{query.item}" if query.item else "")
    visit = query.visit
    if query.crf_code and visit:
        return f"{reverse('form-new', args=[query.subject.number, query.crf_code])}?visit={visit.code}"
    return reverse("casebook", args=[query.subject.number])


# --- steps -------------------------------------------------------------------------------------------------------


@require_POST
def answer_query(request: SignedInRequest, pk: int) -> HttpResponse:
    found = access.get_query(request.user, pk)
    reply = request.POST.get("reply", replies.OTHER)
    actions.answer_query(query=found, by=request.user, text=request.POST.get("text", ""), reply=reply)
    messages.success(request, "Your answer is saved; whoever asked reads it next.")
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
def cancel_query(request: SignedInRequest, pk: int) -> HttpResponse:
    found = access.get_query(request.user, pk)
    actions.cancel_query(query=found, by=request.user, text=request.POST.get("text", ""))
    messages.success(request, "The query is cancelled; it stays readable.")
    return redirect("query", pk)


def on_other_forms(request: SignedInRequest, saved: actions.Saved) -> SafeString:
    """Links to the queries that a save opened on other forms than the one saved; empty where there is none to see."""
    forms = {check.code: check.crf for check in registry.all_cross_checks()}
    seen = access.visible_crfs(request.user, saved.record.site_id)
    elsewhere = [
        (reverse("query", args=[query.pk]), f"{registry.get(forms[query.check_code]).title}: {query.text}")
        for query in saved.asked
        if query.record_id != saved.record.pk and query.check_code in forms
        if seen is None or forms[query.check_code] in seen
    ]
    links = format_html_join(" ", '<a href="{}">{}</a>', elsewhere)
    return format_html("Asked about on other forms: {}", links) if elsewhere else SafeString()


# --- asking ------------------------------------------------------------------------------------------------------


@require_POST
def ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Raise a query on an item, or on the form."""
    record = access.get_form(request.user, pk)
    access.role_for(request.user, P.RAISE_QUERY, record.site_id, record.crf_code)
    return _ask(request, record, item=request.POST.get("item", ""), crumbs=form_page.crumbs(record))


@require_http_methods(["GET", "HEAD", "POST"])
def ask_visit(request: SignedInRequest, number: str, code: str) -> HttpResponse:
    """Raise a query on a visit, or (`?form=`) on a form that is missing there."""
    subject = access.get_subject(request.user, number)
    visit = next((planned for planned in subject.visits.all() if planned.code == code), None)
    if visit is None:
        raise Http404(f"Subject {number} has no visit {code}.")
    crf = request.GET.get("form", "")
    if crf and (crf not in protocol.get().visit(code).forms or not _sees(request, visit, crf)):
        raise Http404("This form is not asked at this visit.")
    access.role_for(request.user, P.RAISE_QUERY, visit.site_id, crf)
    entered = visit.records.filter(crf_code=crf, deleted_at=None).first() if crf else None
    if entered is not None and request.method != "POST":
        return redirect("form", entered.pk)
    casebook = reverse("casebook", args=[number])
    crumbs = [{"label": number, "url": casebook}, {"label": visit_label(visit), "url": f"{casebook}#visit-{code}"}]
    return _ask(request, MissingForm(visit, crf) if crf else visit, crumbs=crumbs)


def _sees(request: SignedInRequest, visit: Visit, crf: str) -> bool:
    seen = access.visible_crfs(request.user, visit.site_id)
    return seen is None or crf in seen


def _ask(request: SignedInRequest, target: Target, *, crumbs: list[dict[str, str]], item: str = "") -> HttpResponse:
    """Ask, unless the same place is asked about already: that is shown first, and asking again is one step more."""
    text = question(request.POST.get("text", "")) if request.method == "POST" else ""
    shown = set(request.POST.getlist("beside"))
    live = [query for query in live_on(target=target, item=item) if str(query.pk) not in shown]
    if request.method == "POST" and not live:
        query = actions.open_query(target=target, item=item, text=text, by=request.user)
        messages.success(request, "The query is open; the site sees it in its work-list.")
        return redirect("query", query.pk)
    context = {
        "about": _about(target, item),
        "item": item,
        "text": text,
        "live": [{"query": query, "status": status_of(query)} for query in live],
        "beside": [*shown, *(str(query.pk) for query in live)],
        "action": request.get_full_path(),
        "longest": LONGEST_TEXT,
        "crumbs": [*crumbs, {"label": "New query", "url": ""}],
    }
    return render(request, "trial/query_ask.html", context)


def _about(target: Target, item: str) -> str:
    if isinstance(target, FormRecord):
        return f"{target.spec.title}: {target.spec.item(item).label}" if item else target.spec.title
    if isinstance(target, Visit):
        return f"the visit {visit_label(target)}"
    return f"{registry.get(target.crf_code).title}, which is missing at {visit_label(target.visit)}"


def _visit_links(request: SignedInRequest, visit: Visit) -> list[dict[str, str]]:
    """On the page of a visit: ask about it, and about each form that is missing there."""
    if not access.may(request.user, P.RAISE_QUERY, visit.site_id):
        return []
    url = reverse("visit-ask", args=[visit.subject.number, visit.code])
    entered = set(visit.records.filter(deleted_at=None).values_list("crf_code", flat=True))
    missing = [code for code in protocol.get().visit(visit.code).forms if code not in entered]
    asked = [(f"{url}?form={code}", registry.get(code).title) for code in missing if _sees(request, visit, code)]
    links = [{"label": f"Ask about the missing {title}", "url": address} for address, title in asked]
    return [{"label": "Ask about this visit", "url": url}, *links]


panels.add_visit_links(_visit_links)
