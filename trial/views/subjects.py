from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trial import access, actions, casebook, listing, protocol, study_matrix
from trial.crf import registry
from trial.exports import lists
from trial.form_fields import row_field
from trial.lifecycle import LIVE_QUERY_STATES, SubjectState
from trial.models import FormRecord, Site, Subject, User, Visit
from trial.permissions import Permission as P
from trial.views import panels, saved_filters
from trial.views.filters import insist
from trial.views.locks import lock_or_unlock
from trial.views.once import once
from trial.views.queries import place_of, status_of
from trial.views.request import SignedInRequest, submission_of

PAGE = 50
AT_ONCE = 500  # subjects of a file read at once


class SubjectFilter(forms.Form):
    q = forms.CharField(required=False, label="Number contains")
    state = forms.ChoiceField(
        required=False, label="State", choices=[("", "All"), *((s, s.capitalize()) for s in SubjectState)]
    )


saved_filters.add_list("subjects", lambda user, data: SubjectFilter(data))


class ScreenForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), to_field_name="number", empty_label=None)

    def __init__(self, *args: Any, sites: QuerySet[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row_field(self, "site").queryset = sites


@require_safe
def subjects(request: SignedInRequest) -> HttpResponseBase:
    """All subjects of the user's sites, 50 a page, or as a file."""
    role = access.role_anywhere(request.user, P.VIEW_DATA)
    filters = SubjectFilter(request.GET)
    rows = access.subjects(request.user)
    if filters.is_valid():
        rows = rows.filter(number__icontains=filters.cleaned_data["q"])
        if state := filters.cleaned_data["state"]:
            rows = rows.filter(state=state)
    if request.GET.get("format") == "csv":
        insist(filters)
        return lists.download(
            name="subjects",
            columns=("subject", "site", "state", "study_entry", "live_queries"),
            rows=_subject_file(request.user, rows),
            by=request.user,
            role=role.code,
            request=request,
        )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    _count_live_queries(request.user, page)
    context = {
        "page": page,
        "filters": filters,
        "saved": saved_filters.shown(request, filters),
        "can_screen": access.may_anywhere(request.user, P.ENROL),
        "reminder": access.training_wanted(request.user),
    }
    return render(request, "trial/subjects.html", context)


def _subject_file(user: User, rows: QuerySet[Subject]) -> Iterator[tuple[Any, ...]]:
    for found in study_matrix.chunks(rows.order_by("number"), AT_ONCE):
        _count_live_queries(user, found)
        for subject in found:
            live: int = subject.live_queries  # type: ignore[attr-defined]
            yield subject.number, subject.site.number, subject.state, subject.entered_on, live


def _count_live_queries(user: User, page: Any) -> None:
    """Beside each subject of one page: the live queries that this user may open. Not counted for the other pages."""
    live = access.queries(user).filter(state__in=LIVE_QUERY_STATES, subject__in=[subject.pk for subject in page])
    counts = dict(live.order_by().values_list("subject").annotate(Count("pk")))
    for subject in page:
        subject.live_queries = counts.get(subject.pk, 0)


@require_http_methods(["GET", "HEAD", "POST"])
def screen(request: SignedInRequest) -> HttpResponse:
    """A new subject in screening; the number is the trial's next."""
    access.role_anywhere(request.user, P.ENROL)
    sites = access.sites(request.user, P.ENROL)
    posted = request.POST if request.method == "POST" else None
    form = ScreenForm(posted, sites=sites, initial={"site": sites.first()})
    if request.method == "POST" and form.is_valid():
        site, first = form.cleaned_data["site"], protocol.get().first_form
        number, is_new = once(request, lambda: actions.screen_subject(site=site, by=request.user).number)
        words = "is in screening" if is_new else "was given its number by this page already"
        messages.success(request, f"Subject {number} {words}. {registry.get(first).title} comes first.")
        return redirect("form-new", number, first)
    context = {"form": form, "submission": submission_of(request) or uuid4()}
    return render(request, "trial/screen.html", context, status=422 if form.errors else 200)


@require_safe
def screening_log(request: SignedInRequest) -> HttpResponseBase:
    """Everybody screened, with what the protocol tells of them: what became of them and why."""
    crf, items = protocol.get().screening_log
    seen = access.visible_crfs(request.user)
    if seen is not None and crf not in seen:
        raise PermissionDenied("Your role does not see the screening forms.")
    rows = access.subjects(request.user)
    if request.GET.get("format") == "csv":
        role = access.role_anywhere(request.user, P.VIEW_DATA)
        return lists.download(
            name="screening-log",
            columns=("subject", "site", "state", *items),
            rows=_screening_file(request.user, rows),
            by=request.user,
            role=role.code,
            request=request,
        )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "labels": _screening_labels(), "lines": _screening_lines(request.user, list(page))}
    return render(request, "trial/screening_log.html", context)


def _screening_labels() -> list[str]:
    crf, items = protocol.get().screening_log
    return [registry.get(crf).item(item).label for item in items]


def _screening_lines(user: User, page: list[Subject]) -> list[dict[str, Any]]:
    """Subject and answers in words, those of the form that decides about screening, labelled. One statement."""
    crf, items = protocol.get().screening_log
    labels, model = _screening_labels(), registry.get(crf).model
    records = access.forms(user).filter(subject__in=page, crf_code=crf, deleted_at=None)
    rows = {row.record.subject_id: row for row in model.objects.filter(record__in=records).select_related("record")}
    fields = [model._meta.get_field(item) for item in items]
    return [
        {"subject": subject, "answers": list(zip(labels, _in_words(rows.get(subject.pk), fields), strict=True))}
        for subject in page
    ]


def _in_words(row: Any, fields: list[Any]) -> list[str]:
    if row is None:
        return [""] * len(fields)
    return [listing.shown(field, getattr(row, field.attname), row.record.time_zone) for field in fields]


def _screening_file(user: User, rows: QuerySet[Subject]) -> Iterator[tuple[str, ...]]:
    for found in study_matrix.chunks(rows.order_by("number"), AT_ONCE):
        for line in _screening_lines(user, found):
            subject = line["subject"]
            yield subject.number, subject.site.number, subject.state, *(answer for _, answer in line["answers"])


@require_safe
def show_casebook(request: SignedInRequest, number: str) -> HttpResponse:
    """One subject: path, visits and forms, logs."""
    subject = access.get_subject(request.user, number)
    matrix = casebook.matrix(request.user, subject)
    _name_entries(matrix["logs"])
    context = {
        "subject": subject,
        **matrix,
        "panels": panels.of_casebook(request, subject),
        "links": panels.casebook_links(request, subject),
        "can_enter": access.may(request.user, P.ENTER_DATA, subject.site_id),
        "can_lock": access.may(request.user, P.LOCK, subject.site_id),
        "deleted": FormRecord.objects.filter(subject=subject).exclude(deleted_at=None).count(),
    }
    return render(request, "trial/casebook.html", context)


def _name_entries(logs: list[dict[str, Any]]) -> None:
    titles = listing.titles([entry["record"] for log in logs for entry in log["records"]])
    for log in logs:
        for entry in log["records"]:
            entry["title"] = titles.get(entry["record"].pk) or f"No. {entry['record'].sequence}"


@require_safe
def show_visit(request: SignedInRequest, number: str, code: str) -> HttpResponse:
    """One visit of a subject: its window, its forms, what can be done with it."""
    subject = access.get_subject(request.user, number)
    visit = get_object_or_404(subject.visits.select_related("subject__site"), code=code)
    forms_of_visit = casebook.visit_forms(request.user, visit)
    if not forms_of_visit:  # its date would be told to somebody who sees none of its forms
        raise Http404("None of the forms of this visit are yours to see.")
    context = {
        "subject": subject,
        "visit": visit,
        "label": protocol.get().visit(code).label,
        "forms": [form | {"ask_url": _ask_url(request.user, visit, form)} for form in forms_of_visit],
        "queries": _live_queries(request.user, visit),
        "links": panels.visit_links(request, visit),
    }
    return render(request, "trial/visit.html", context)


def _live_queries(user: User, visit: Visit) -> list[dict[str, Any]]:
    """What is asked about the visit itself and about forms missing there: no form would show it."""
    live = access.queries(user).filter(visit=visit, state__in=LIVE_QUERY_STATES).order_by("opened_at", "id")
    return [{"query": query, "place": place_of(query), "status": status_of(query)} for query in live]


def _ask_url(user: User, visit: Visit, form: dict[str, Any]) -> str:
    """Where to ask about a form that is not there; "" where it is, or where the user raises no queries."""
    if form["record"] or not access.may(user, P.RAISE_QUERY, visit.site_id, form["code"]):
        return ""
    url = reverse("visit-ask", args=[visit.subject.number, visit.code])
    return f"{url}?form={form['code']}"


@require_POST
def lock_subject(request: SignedInRequest, number: str) -> HttpResponse:
    """Lock or unlock a subject, with the reason."""
    subject = access.get_subject(request.user, number)
    is_locked = lock_or_unlock(request, subject)
    messages.success(request, f"Subject {subject.number} is {'locked' if is_locked else 'unlocked'}.")
    return redirect("casebook", subject.number)
