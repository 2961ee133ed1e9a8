from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trial import access, actions, casebook, listing, protocol
from trial.crf import registry
from trial.lifecycle import LIVE_QUERY_STATES, SubjectState
from trial.models import FormRecord, Site, User
from trial.permissions import Permission as P
from trial.views import panels
from trial.views.locks import lock_or_unlock
from trial.views.request import SignedInRequest

PAGE = 50


class SubjectFilter(forms.Form):
    q = forms.CharField(required=False, label="Number contains")
    state = forms.ChoiceField(
        required=False, label="State", choices=[("", "All"), *((s, s.capitalize()) for s in SubjectState)]
    )


class ScreenForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), to_field_name="number", empty_label=None)

    def __init__(self, *args: Any, sites: QuerySet[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]


@require_safe
def subjects(request: SignedInRequest) -> HttpResponse:
    """All subjects of the user's sites, 50 a page."""
    access.role_anywhere(request.user, P.VIEW_DATA)
    filters = SubjectFilter(request.GET)
    rows = access.subjects(request.user)
    if filters.is_valid():
        rows = rows.filter(number__icontains=filters.cleaned_data["q"])
        if state := filters.cleaned_data["state"]:
            rows = rows.filter(state=state)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    _count_live_queries(request.user, page)
    context = {"page": page, "filters": filters, "can_screen": access.may_anywhere(request.user, P.ENROL)}
    return render(request, "trial/subjects.html", context)


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
        subject = actions.screen_subject(site=form.cleaned_data["site"], by=request.user)
        first = protocol.get().first_form
        messages.success(request, f"Subject {subject.number} is in screening. {registry.get(first).title} comes first.")
        return redirect("form-new", subject.number, first)
    return render(request, "trial/screen.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def screening_log(request: SignedInRequest) -> HttpResponse:
    """Everybody screened, with what became of them and why."""
    seen = access.visible_crfs(request.user)
    if seen is not None and "screening" not in seen:
        raise PermissionDenied("Your role does not see the screening forms.")
    page = Paginator(access.subjects(request.user), PAGE).get_page(request.GET.get("page"))
    spec = registry.get("screening")
    records = access.forms(request.user).filter(subject__in=list(page), crf_code=spec.code, deleted_at=None)
    rows = spec.model.objects.filter(record__in=records).select_related("record")
    answers = {row.record.subject_id: row for row in rows}
    lines = [{"subject": subject, "answers": answers.get(subject.pk)} for subject in page]
    return render(request, "trial/screening_log.html", {"page": page, "lines": lines})


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
        "forms": forms_of_visit,
        "links": panels.visit_links(request, visit),
    }
    return render(request, "trial/visit.html", context)


@require_POST
def lock_subject(request: SignedInRequest, number: str) -> HttpResponse:
    """Lock or unlock a subject, with the reason."""
    subject = access.get_subject(request.user, number)
    is_locked = lock_or_unlock(request, subject)
    messages.success(request, f"Subject {subject.number} is {'locked' if is_locked else 'unlocked'}.")
    return redirect("casebook", subject.number)
