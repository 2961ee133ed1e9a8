"""What was typed and not saved: kept while one types, offered when the form is opened again, not filled in unasked."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.views import LogoutView
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from trial import access, actions, drafts, moments
from trial.crf import derive
from trial.models import Draft
from trial.permissions import Permission as P
from trial.views import addresses, conflicts, form_page
from trial.views.form_page import CONFIRM, Page
from trial.views.request import SignedInRequest, submission_of, version_of

LONGEST = 200_000  # characters of a draft; the longest form with every text filled in has a tenth
NOT_KEPT = ("csrfmiddlewaretoken", "version", "submission", "seen")


@require_POST
def keep(request: SignedInRequest) -> HttpResponse:
    """Keep what somebody has typed into a form. address: of the form's page; entries: JSON, name -> text.

    user: the id of who typed; what another person typed in this window is not kept as one's own.
    """
    if request.POST.get("user", str(request.user.pk)) != str(request.user.pk):
        return JsonResponse({"kept": False}, status=409)
    address = request.POST.get("address", "")
    record = addresses.record_at(request.user, address)
    access.role_for(request.user, P.ENTER_DATA, record.site_id, record.crf_code)
    entries = _entries(request.POST.get("entries", ""))
    if entries is None:
        return JsonResponse({"kept": False}, status=422)
    submission = submission_of(request)
    if submission and record.submission == submission:  # on its way while the form was saved
        return JsonResponse({"kept": False})
    actions.keep_draft(
        record=record,
        by=request.user,
        address=addresses.address_of(record, address),
        entries=entries,
        version=version_of(request),
        submission=submission,
    )
    return JsonResponse({"kept": True, "at": f"{moments.to_wall(timezone.now(), record.time_zone):%H:%M}"})


@require_POST
def throw_away(request: SignedInRequest, pk: int) -> HttpResponse:
    """Throw one's own draft away."""
    draft = Draft.objects.filter(user=request.user, pk=pk).first()
    if draft is None:
        raise Http404("There is no such draft of yours.")
    address = draft.address
    draft.delete()
    return redirect(address)


class SignOut(LogoutView):
    """Nothing that was typed stays behind."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            actions.forget_drafts(by=request.user)
        return super().post(request, *args, **kwargs)


def _entries(text: str) -> dict[str, str] | None:
    """The entries that were sent; None where they cannot be kept."""
    if len(text) > LONGEST:
        return None
    try:
        sent = json.loads(text)
        text.encode()
    except (ValueError, RecursionError):
        return None
    if not isinstance(sent, dict) or not all(isinstance(value, str) for value in sent.values()):
        return None
    is_storable = not re.search(r"\\u(0000|[dD][89a-fA-F])", json.dumps(sent).replace("\\\\", ""))
    return {name: value for name, value in sent.items() if name not in NOT_KEPT} if is_storable else None


# --- when the form is opened again -------------------------------------------------------------------------------


def show(request: SignedInRequest, page: Page) -> HttpResponse:
    """The form; with it what this person typed here and did not save, offered, or taken up (`?draft=`)."""
    named = request.GET.get("draft", "")
    draft = drafts.of_form(request.user, page.record, named) if page.can_enter else None
    if draft is None:
        return form_page.show(request, page)
    shown = page.form.initial
    if draft.version != page.record.version:
        shown = conflicts.answers_at(page.record, page.row, draft.version)
    typed = type(page.form)(_data(page.form, shown, draft.entries), initial=page.form.initial)
    merged = conflicts.merge(typed, shown=shown, current=page.form.initial)
    if named == str(draft.pk):
        return _take_up(request, page, draft, merged)
    if merged.choices:
        page.draft = _offer(page, draft, merged)
    return form_page.show(request, page)


def _data(form: derive.EntryForm, shown: Mapping[str, Any], entries: Mapping[str, str]) -> QueryDict:
    """What the page would send: its answers, and the entries over them."""
    data = QueryDict(mutable=True)
    for item in form.items:
        conflicts.put(data, form, item.name, shown)
    for name, text in entries.items():
        data[name] = text
    return data


def _offer(page: Page, draft: Draft, merged: conflicts.Merged) -> dict[str, Any]:
    here = addresses.address_of(page.record, draft.address)
    return {
        "at": moments.show(draft.typed_at, page.record.time_zone),
        "lines": merged.choices,
        "take_url": drafts.address(draft, here),
        "throw_url": reverse("draft-throw-away", args=[draft.pk]),
        "saved_by": page.record.updated_by.full_name if draft.version != page.record.version else "",
    }


def _take_up(request: SignedInRequest, page: Page, draft: Draft, merged: conflicts.Merged) -> HttpResponse:
    """The form with the draft's entries, as if they had just been typed; nothing is saved."""
    data, at = merged.data, moments.show(draft.typed_at, page.record.time_zone)
    page.form = type(page.form)(data, initial=page.form.initial)
    page.form.full_clean()
    page.reason = {name: data.get(name, "") for name in ("reason_code", "reason_text")}
    page.submission = str(draft.submission or page.submission)
    page.sentence = f"This is what you typed at {at}. It is not saved yet: look at it and save."
    page.confirmations = {name.removeprefix(CONFIRM): str(data[name]) for name in data if name.startswith(CONFIRM)}
    if page.confirmations:
        found = actions.preview(
            record=page.record, values=page.form.answers(), missing_codes=page.form.codes()
        ).findings
        page.findings = [finding for finding in found if page.confirmations.get(finding.code)]
    if page.record.pk and draft.version != page.record.version and merged.choices:
        page.conflict = conflicts.explained(merged.lines, page.record)
        page.sentence = conflicts.sentence(page.record, request.user)
    return form_page.show(request, page)
