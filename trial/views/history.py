"""What has become of an item, a form, a subject, the study: who, when, why; and its review."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from trial import access, actions, audit_review, moments, trail, trail_words
from trial.crf import registry
from trial.crf.derive import DayField
from trial.exports import trail as trail_export
from trial.form_fields import choice_field
from trial.history import item_changes
from trial.models import AccessEvent, Subject, User
from trial.permissions import Permission as P
from trial.views import filters, form_page, panels, saved_filters
from trial.views.request import SignedInRequest

PAGE = 100


@require_safe
def item_history(request: SignedInRequest, pk: int, item: str) -> HttpResponse:
    """Every value that an item has had: who, when, why, under which version; and what checks said of it."""
    record = access.get_form(request.user, pk)
    if not record.spec.has_item(item):
        raise Http404(f"This form has no item {item}.")
    column = record.spec.model._meta.get_field(item)
    changes = [
        {
            "change": change,
            "old": form_page.shown(column, change.old, record),
            "new": form_page.shown(column, change.new, record),
            "at": moments.show(change.at, record.time_zone),
            "utc": f"{change.at:%d-%b-%Y %H:%M:%S}",
            "role": trail_words.role(change.role),
        }
        for change in item_changes(record.spec.model, record.pk, [item])
    ]
    context = {"record": record, "item": record.spec.item(item), "changes": changes, "crumbs": form_page.crumbs(record)}
    return render(request, "trial/item_history.html", context)


class TrailFilter(forms.Form):
    """What of the trail is listed. Days are of UTC, both included."""

    site = forms.ChoiceField(required=False, label="Site")
    user = forms.ChoiceField(required=False, label="Who")
    form = forms.ChoiceField(required=False, label="Form")
    first = DayField(required=False, label="From")
    last = DayField(required=False, label="To")
    updates = forms.BooleanField(required=False, label="Corrections only")

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        everything = access.may_anywhere(user, P.VIEW_AUDIT)
        sites = access.sites(user).values_list("pk", "number")
        people = User.objects.order_by("full_name").values_list("pk", "full_name") if everything else []
        choice_field(self, "site").choices = [("", "All"), *((str(pk), number) for pk, number in sites)]
        choice_field(self, "user").choices = [("", "Everybody"), *((str(pk), name) for pk, name in people)]
        choice_field(self, "form").choices = [("", "All"), *_forms(user)]
        if not everything:
            del self.fields["user"]

    def narrow(self, wanted: trail.Filter) -> trail.Filter:
        """`wanted`, narrowed by what was asked; of the parts that could be read."""
        self.is_valid()
        given = self.cleaned_data
        site = given.get("site")
        return replace(
            wanted,
            site=int(site) if site else None,
            actor=int(given["user"]) if given.get("user") else None,
            crf=given.get("form") or wanted.crf,
            since=_start(given.get("first")),
            until=_start(given.get("last"), timedelta(days=1)),
            corrections=bool(given.get("updates")),
        )


saved_filters.add_list("study-history", lambda user, data: TrailFilter(data, user=user))


def _forms(user: User) -> list[tuple[str, str]]:
    seen = access.visible_crfs(user)
    return [(spec.code, spec.title) for spec in registry.all_specs() if seen is None or spec.code in seen]


def _start(day: str | None, later: timedelta = timedelta(0)) -> datetime | None:
    return datetime.combine(datetime.fromisoformat(day), time(), UTC) + later if day else None


@require_safe
def form_history(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Every change of one form."""
    record = access.get_form(request.user, pk)
    wanted = replace(trail.reach(request.user), record=record.pk, people=False)
    heading = f"History of {record.spec.title}, {record.subject.number}"
    return _list(request, wanted, heading, record.time_zone, form_page.crumbs(record))


@require_safe
def subject_history(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Every change of a subject's forms, visits and queries."""
    subject = access.get_subject(request.user, number)
    wanted = replace(trail.reach(request.user), subject=subject.pk, people=False)
    crumbs = [{"label": subject.number, "url": reverse("casebook", args=[subject.number])}]
    past = reverse("as-of", args=[subject.number])
    return _list(request, wanted, f"History of {subject.number}", subject.site.time_zone, crumbs, as_of_url=past)


@require_safe
def study_history(request: SignedInRequest) -> HttpResponseBase:
    """The audit trail: of all sites for those who may, of one's own sites for the others."""
    access.role_anywhere(request.user, P.VIEW_DATA)
    crumbs = [{"label": "Audit trail", "url": ""}]
    return _list(request, trail.reach(request.user), "Audit trail", "UTC", crumbs)


def _list(
    request: SignedInRequest,
    wanted: trail.Filter,
    heading: str,
    zone: str,
    crumbs: list[dict[str, str]],
    *,
    as_of_url: str = "",
) -> HttpResponseBase:
    asked = TrailFilter(request.GET, user=request.user)
    wanted = asked.narrow(wanted)
    if request.GET.get("as") == "csv":
        filters.insist(asked)
        return _download(request, wanted)
    number = _page_number(request)
    found = trail.page(wanted, limit=PAGE + 1, offset=(number - 1) * PAGE)
    rows = list(dict.fromkeys((change.table, change.history_id) for change in found))
    shown = set(rows[:PAGE])  # one more was read, to know of a next page
    context = {
        "heading": heading,
        "lines": [_line(change, zone) for change in found if (change.table, change.history_id) in shown],
        "filter": asked,
        "crumbs": crumbs,
        "newer": _address(request, page=number - 1) if number > 1 else "",
        "older": _address(request, page=number + 1) if len(rows) > PAGE else "",
        "csv_url": _address(request, **{"as": "csv"}),
        "review_url": reverse("audit-review") if access.may_anywhere(request.user, P.VIEW_AUDIT) else "",
        "downloads": _downloads(request.user),
        "as_of_url": as_of_url,
        "saved": saved_filters.shown(request, asked),
    }
    return render(request, "trial/trail.html", context)


def _line(change: trail.Change, zone: str) -> dict[str, Any]:
    url = ""
    if change.record:
        url = reverse("form", args=[change.record]) + f"#row-{change.item}"
    elif change.subject:
        url = reverse("casebook", args=[change.subject])
    utc = f"{change.at:%d-%b-%Y %H:%M:%S}"
    is_utc = zone == "UTC"
    at = f"{utc} UTC" if is_utc else moments.show(change.at, zone)
    reason = change.reason or ("first entry" if trail.is_answer(change) and not change.old else "")
    return {"change": change, "at": at, "utc": "" if is_utc else utc, "url": url, "reason": reason}


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(int(text), 1) if text.isdigit() and len(text) < 7 else 1


def _address(request: HttpRequest, **changed: Any) -> str:
    query = request.GET.copy()
    for name, value in changed.items():
        query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"


def _download(request: SignedInRequest, wanted: trail.Filter) -> StreamingHttpResponse:
    may_all = access.may_anywhere(request.user, P.VIEW_AUDIT)
    role = access.role_anywhere(request.user, P.VIEW_AUDIT if may_all else P.VIEW_DATA)
    lines = trail_export.download(wanted=wanted, by=request.user, role=role.code, request=request)
    name = f"audit-trail-{timezone.now():%Y-%m-%d}.csv"
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _downloads(user: User) -> list[AccessEvent]:
    """The user's own newest downloads of the trail, with row count and hash."""
    return list(AccessEvent.objects.filter(user=user, event="audit trail downloaded").order_by("-id")[:3])


def form_panel(request: SignedInRequest, page: form_page.Page) -> tuple[str, dict[str, Any]] | None:
    """The way from a form to its history."""
    return "trial/history_panel.html", {"history_url": reverse("form-history", args=[page.record.pk])}


def casebook_links(request: SignedInRequest, subject: Subject) -> list[dict[str, str]]:
    """The way from a casebook to its history, and from there to how it stood."""
    return [{"label": "History", "url": reverse("subject-history", args=[subject.number])}]


panels.add_casebook_links(casebook_links)
form_page.add_panel(form_panel)


# --- review ------------------------------------------------------------------------------------------------------


class ReviewForm(forms.Form):
    kind = forms.ChoiceField(choices=[(kind.code, kind.title) for kind in audit_review.KINDS])
    through = forms.DateTimeField()
    note = forms.CharField(required=False, max_length=400)


@require_safe
def review(request: SignedInRequest) -> HttpResponse:
    """What of the trail deserves a look: late entries, changes after signature, changes of end-point items."""
    access.role_anywhere(request.user, P.VIEW_AUDIT)
    now = timezone.now()
    sections = [audit_review.section(kind, through=now) for kind in audit_review.KINDS]
    context = {
        "sections": sections,
        "through": now.isoformat(),
        "may_review": access.may_anywhere(request.user, P.REVIEW_AUDIT),
        "crumbs": [
            {"label": "Audit trail", "url": reverse("study-history")},
            {"label": "Review", "url": ""},
        ],
    }
    return render(request, "trial/audit_review.html", context)


@require_POST
def mark_reviewed(request: SignedInRequest) -> HttpResponse:
    """Mark one kind of changes as looked through, up to the moment that the page showed."""
    access.role_anywhere(request.user, P.REVIEW_AUDIT)
    asked = ReviewForm(request.POST)
    if not asked.is_valid():
        raise PermissionDenied("Say which changes were looked through, and up to which moment.")
    given = asked.cleaned_data
    done = actions.review_audit(by=request.user, kind=given["kind"], through=given["through"], note=given["note"])
    messages.success(request, f"{done.changes} change{'s are' if done.changes != 1 else ' is'} marked as reviewed.")
    return redirect("audit-review")
