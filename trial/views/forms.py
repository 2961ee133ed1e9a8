"""Enter, correct, read, delete one form."""

from uuid import uuid4

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from trial import access, actions, listing, locks, moments, reasons
from trial.models import FormRecord
from trial.permissions import Permission as P
from trial.views import addresses, conflicts, drafts, form_page
from trial.views.form_page import CONFIRM, REASON, Page
from trial.views.queries import on_other_forms
from trial.views.request import SignedInRequest, put_entries, submission_of, version_of
from trial.worklists import next_of_subject


@require_http_methods(["GET", "HEAD", "POST"])
def new_form(request: SignedInRequest, number: str, code: str) -> HttpResponse:
    """An empty form of a CRF, at a visit (`?visit=`) or as the next row of a log."""
    subject = access.get_subject(request.user, number)
    record = addresses.new_record(subject, code, request.GET.get("visit") or request.POST.get("visit") or "")
    existing = _existing(record) if request.method != "POST" or version_of(request) else None
    if existing and request.method != "POST":
        return redirect("form", existing.pk)
    access.role_for(request.user, P.ENTER_DATA, subject.site_id, code)
    if existing:  # the page has shown it
        return _enter(request, form_page.make_page(request, existing, existing.answers()))
    page = form_page.make_page(request, record, record.spec.model(record=record, site_id=record.site_id))
    return _enter(request, page) if request.method == "POST" else drafts.show(request, page)


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: SignedInRequest, pk: int) -> HttpResponse:
    """A saved form: to read, and for those who may, to correct with a reason."""
    record = access.get_form(request.user, pk)
    row = record.answers()
    if request.method == "POST":
        access.role_for(request.user, P.ENTER_DATA, record.site_id, record.crf_code)
        put_entries(request, conflicts.chosen(request.POST, record, row))
        return _enter(request, form_page.make_page(request, record, row))
    return drafts.show(request, form_page.make_page(request, record, row))


class DeleteForm(django_forms.Form):
    reason = django_forms.CharField(
        label="Why is this form deleted?", help_text="It stays in the history; nothing is lost.", max_length=400
    )

    def clean_reason(self) -> str:
        try:
            return reasons.check(self.cleaned_data["reason"], "Say why, in words that an auditor will understand.")
        except reasons.ReasonNeeded as needed:
            raise ValidationError(str(needed)) from needed


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


def _existing(record: FormRecord) -> FormRecord | None:
    if record.visit is None:
        return None
    return FormRecord.objects.filter(visit=record.visit, crf_code=record.crf_code, deleted_at=None).first()


def _enter(request: SignedInRequest, page: Page) -> HttpResponse:
    if not page.form.is_valid():
        return _unreadable(request, page)
    page.confirmations = _confirmations(request)
    try:
        saved = actions.save_form(
            record=page.record,
            values=page.form.answers(),
            missing_codes=page.form.codes(),
            by=request.user,
            reason=_reason(page),
            reasons=_reasons(request, page),
            expected_version=version_of(request),
            confirmations=page.confirmations,
            seen=request.POST.getlist("seen"),
            submission=submission_of(request),
        )
    except actions.Refused as refused:
        return _refused(request, page, refused.errors)
    except reasons.ReasonNeeded as needed:
        page.needs_reason, page.sentence = True, str(needed)
        return form_page.show(request, page, status=422)
    except actions.Unconfirmed as unconfirmed:
        page.findings = unconfirmed.findings
        return form_page.show(request, page)
    except locks.Locked as locked:  # a page that is only read shows what is saved; what was typed is said
        page.sentence = f"{locked}{_typed_in_vain(page)}"
        return form_page.show(request, page, status=423)
    except actions.VersionConflict as conflict:
        return _conflict(request, conflict)
    return _saved(request, saved)


def _typed_in_vain(page: Page) -> str:
    """Answers that were sent and cannot be saved now, so that nobody takes what stands for them."""
    sent = actions.preview(record=page.record, values=page.form.answers(), missing_codes=page.form.codes())
    said = [f"{page.record.spec.item(name).label} {page.form.in_words(name) or 'blank'}" for name in sent.changed]
    return f" Not saved of what you typed: {'; '.join(said)}." if said else ""


def _confirmations(request: SignedInRequest) -> dict[str, str]:
    """Code of a finding -> why the value is right all the same, where something was typed."""
    typed = {name: request.POST.get(name, "").strip() for name in request.POST if name.startswith(CONFIRM)}
    return {name.removeprefix(CONFIRM): text for name, text in typed.items() if text}


def _reason(page: Page) -> str:
    code, text = page.form.cleaned_data.get("reason_code", ""), page.form.cleaned_data.get("reason_text", "")
    return reasons.compose(code, text) if code or text else ""


def _reasons(request: SignedInRequest, page: Page) -> dict[str, str]:
    """item -> its own reason, where one was given."""
    given = {}
    for item in page.record.spec.items:
        code, text = (request.POST.get(f"{REASON}{item.name}__{part}", "") for part in ("code", "text"))
        if code or text:
            given[item.name] = reasons.compose(code, text)
    return given


def _unreadable(request: SignedInRequest, page: Page) -> HttpResponse:
    errors = {
        item: list(map(str, sentences))
        for item, sentences in page.form.errors.items()
        if page.record.spec.has_item(item)
    }
    actions.note_unreadable(
        record=page.record,
        by=request.user,
        errors=errors,
        entered={item: page.form.in_words(item) for item in errors},
        submission=submission_of(request),
    )
    return form_page.show(request, page, status=422)


def _refused(request: SignedInRequest, page: Page, errors: dict[str, list[str]]) -> HttpResponse:
    for item, sentences in errors.items():
        for sentence in sentences:
            page.form.add_error(item if item in page.form.fields else None, sentence)
    return form_page.show(request, page, status=422)


def _conflict(request: SignedInRequest, conflict: actions.VersionConflict) -> HttpResponse:
    """Both versions, item by item, and a form that holds what each of the two changed."""
    record, row = conflict.record, conflict.row
    mine, shown = form_page.make_page(request, record, row), conflicts.answers_at(record, row, version_of(request))
    merged = conflicts.merge(mine.form, shown=shown, current=mine.form.initial)
    if conflict.sent_before:  # what it brings now is another submit
        merged.data["submission"] = str(uuid4())
    put_entries(request, merged.data)
    page = form_page.make_page(request, record, row)
    page.form.full_clean()
    page.confirmations = _confirmations(request)
    page.conflict = conflicts.explained(merged.lines, record)
    page.sentence = conflicts.sentence(record, request.user)
    return form_page.show(request, page, status=409)


def _saved(request: SignedInRequest, saved: actions.Saved) -> HttpResponse:
    record = saved.record
    actions.forget_draft(submission=submission_of(request), by=request.user)
    words = f"{record.spec.title} of {record.subject.number} is saved."
    if saved.saved_before_at:
        at = moments.to_wall(saved.saved_before_at, record.time_zone)
        words = f"This was saved already at {at:%H:%M} on {at:%d-%b-%Y}."
    if saved.opened:
        words += f" {saved.opened} quer{'ies are' if saved.opened > 1 else 'y is'} open."
    if saved.closed:
        words += f" {saved.closed} quer{'ies are' if saved.closed > 1 else 'y is'} closed."
    messages.success(request, words)
    if elsewhere := on_other_forms(request, saved):
        messages.info(request, elsewhere)
    if request.POST.get("save_and_next"):
        return redirect(next_of_subject(request.user, record.subject))
    if request.POST.get("save_and_add"):
        return redirect("form-new", record.subject.number, record.crf_code)
    return redirect("form", record.pk)
