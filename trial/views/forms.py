"""Enter, correct, read, delete one form."""

import re

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from trial import access, actions, listing, locks, protocol, reasons
from trial.crf import registry
from trial.models import FormRecord, Subject
from trial.permissions import Permission as P
from trial.views import conflicts, form_page
from trial.views.form_page import CONFIRM, Page
from trial.views.request import SignedInRequest
from trial.worklists import next_due


@require_http_methods(["GET", "HEAD", "POST"])
def new_form(request: SignedInRequest, number: str, code: str) -> HttpResponse:
    """An empty form of a CRF, at a visit (`?visit=`) or as the next row of a log."""
    subject = access.get_subject(request.user, number)
    record = _unsaved(request, subject, code)
    existing = _existing(record)
    if existing and request.method != "POST":
        return redirect("form", existing.pk)
    access.role_for(request.user, P.ENTER_DATA, subject.site_id, code)
    if existing:  # entered meanwhile, perhaps in another tab: both versions are shown, nothing typed is lost
        return _enter(request, form_page.make_page(request, existing, existing.answers()))
    page = form_page.make_page(request, record, record.spec.model(record=record, site_id=record.site_id))
    return _enter(request, page) if request.method == "POST" else form_page.show(request, page)


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: SignedInRequest, pk: int) -> HttpResponse:
    """A saved form: to read, and for those who may, to correct with a reason."""
    record = access.get_form(request.user, pk)
    page = form_page.make_page(request, record, record.answers())
    if request.method == "POST":
        access.role_for(request.user, P.ENTER_DATA, record.site_id, record.crf_code)
        return _enter(request, page)
    return form_page.show(request, page)


class DeleteForm(django_forms.Form):
    reason = django_forms.CharField(
        label="Why is this form deleted?", help_text="It stays in the history; nothing is lost.", max_length=400
    )


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a form deleted, with the reason."""
    record = access.get_form(request.user, pk)
    access.role_for(request.user, P.ENTER_DATA, record.site_id, record.crf_code)
    asked = DeleteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and asked.is_valid():
        actions.delete_form(record=record, by=request.user, reason=asked.cleaned_data["reason"])
        messages.success(request, f"{record.spec.title} is deleted; its history stays.")
        return redirect("casebook", record.subject.number)
    context = {
        "record": record,
        "form": asked,
        "crumbs": form_page.crumbs(record),
        "linking": listing.linking_to(record),
    }
    context["title"] = listing.titles([record]).get(record.pk, "")
    return render(request, "trial/delete_form.html", context, status=422 if asked.errors else 200)


# --- entering ----------------------------------------------------------------------------------------------------


def _unsaved(request: SignedInRequest, subject: Subject, code: str) -> FormRecord:
    spec = registry.find(code)
    if spec is None:
        raise Http404(f"There is no form {code}.")
    wanted = request.GET.get("visit") or request.POST.get("visit")
    visits = subject.visits.all() if wanted else ()
    visit = next((planned for planned in visits if planned.code == wanted), None)
    expected = visit is not None and code in protocol.get().visit(visit.code).forms
    if not expected and (wanted or not spec.log):
        raise Http404(f"{spec.title} is not asked at this visit.")
    return actions.new_record(subject=subject, crf_code=code, visit=visit)


def _existing(record: FormRecord) -> FormRecord | None:
    if record.visit is None:
        return None
    return FormRecord.objects.filter(visit=record.visit, crf_code=record.crf_code, deleted_at=None).first()


def _enter(request: SignedInRequest, page: Page) -> HttpResponse:
    if not page.form.is_valid():
        return form_page.show(request, page, status=422)
    page.confirmations = _confirmations(request)
    try:
        saved = actions.save_form(
            record=page.record,
            values=page.form.answers(),
            missing_codes=page.form.codes(),
            by=request.user,
            reason=_reason(page),
            expected_version=_version(request),
            confirmations=page.confirmations,
            seen=request.POST.getlist("seen"),
        )
    except actions.Refused as refused:
        return _refused(request, page, refused.errors)
    except reasons.ReasonNeeded as needed:
        page.needs_reason, page.sentence = True, str(needed)
        return form_page.show(request, page, status=422)
    except actions.Unconfirmed as unconfirmed:
        page.findings = unconfirmed.findings
        return form_page.show(request, page)
    except locks.Locked as locked:  # what was typed stays on the page
        page.sentence = str(locked)
        return form_page.show(request, page, status=423)
    except actions.VersionConflict as conflict:
        return _conflict(request, page, conflict)
    return _saved(request, saved)


def _confirmations(request: SignedInRequest) -> dict[str, str]:
    """Code of a finding -> why the value is right all the same, where something was typed."""
    typed = {name: request.POST.get(name, "").strip() for name in request.POST if name.startswith(CONFIRM)}
    return {name.removeprefix(CONFIRM): text for name, text in typed.items() if text}


def _reason(page: Page) -> str:
    code, text = page.form.cleaned_data.get("reason_code", ""), page.form.cleaned_data.get("reason_text", "")
    return reasons.compose(code, text) if code or text else ""


def _version(request: SignedInRequest) -> int:
    version = request.POST.get("version", "")
    return int(version) if re.fullmatch("[0-9]{1,9}", version) else 0  # none sent: nothing was seen


def _refused(request: SignedInRequest, page: Page, errors: dict[str, list[str]]) -> HttpResponse:
    for item, sentences in errors.items():
        for sentence in sentences:
            page.form.add_error(item if item in page.form.fields else None, sentence)
    return form_page.show(request, page, status=422)


def _conflict(request: SignedInRequest, page: Page, conflict: actions.VersionConflict) -> HttpResponse:
    """Both versions, item by item, and a form that holds what each of the two changed."""
    merged = conflicts.merge(conflict=conflict, form=page.form, version=_version(request), by=request.user)
    reason = {name: request.POST.get(name, "") for name in ("reason_code", "reason_text")}
    page.form = type(page.form)(initial=merged.initial | reason)
    page.reason = reason
    page.conflict, page.sentence, page.record = merged.lines, merged.sentence, conflict.record
    return form_page.show(request, page, status=409)


def _saved(request: SignedInRequest, saved: actions.Saved) -> HttpResponse:
    record = saved.record
    words = f"{record.spec.title} of {record.subject.number} is saved."
    if saved.opened:
        words += f" {saved.opened} quer{'ies are' if saved.opened > 1 else 'y is'} open."
    if saved.closed:
        words += f" {saved.closed} quer{'ies are' if saved.closed > 1 else 'y is'} closed."
    messages.success(request, words)
    if request.POST.get("save_and_next") and (url := next_due(request.user, record.subject)):
        return redirect(url)
    if request.POST.get("save_and_add"):
        return redirect("form-new", record.subject.number, record.crf_code)
    return redirect("form", record.pk)
