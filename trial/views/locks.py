"""Freeze, lock and open again: on the form's page, for a subject, and for every scope on a page of its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from trial import access, locks, protocol, still_open, worklists
from trial.actions import locks as actions
from trial.form_fields import choice_field, row_field
from trial.models import FormRecord, Lock, LockKind, LockScope, Site, Subject, User, Visit
from trial.permissions import Permission as P
from trial.views import form_page, panels
from trial.views.request import SignedInRequest

PAGE = 50
STEPS: Mapping[str, Callable[..., Lock]] = {
    "freeze": actions.freeze,
    "unfreeze": actions.unfreeze,
    "lock": actions.lock,
    "unlock": actions.unlock,
}
FORM_STEPS: Mapping[str, Callable[..., Lock]] = {"open": actions.open_for_correction, "end": actions.end_correction}
DONE = {
    "freeze": "is frozen: queries go on, no answer changes",
    "unfreeze": "is not frozen any more",
    "lock": "is locked",
    "unlock": "is unlocked",
    "open": "is open for a correction and is locked again once that is signed",
    "end": "is closed again",
}


@require_POST
def lock_form(request: SignedInRequest, pk: int) -> HttpResponse:
    """Freeze, lock or open one form, with the reason."""
    record = access.get_form(request.user, pk)
    step = request.POST.get("step", "")
    if step in FORM_STEPS:
        FORM_STEPS[step](record=record, by=request.user, reason=request.POST.get("reason", ""))
    else:
        lock_or_unlock(request, record)
    messages.success(request, f"{record.spec.title} of {record.subject.number} {DONE[step]}.")
    return redirect("form", pk)


def lock_or_unlock(request: SignedInRequest, target: still_open.Target) -> bool:
    """What the lock form asks for; returns whether the target is held now. Any other step is not there: 404."""
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise Http404("A form can be frozen, locked, or opened again.")
    return step(target=target, by=request.user, reason=request.POST.get("reason", "")).locked


# --- on the form's page ----------------------------------------------------------------------------------------------


def panel(request: SignedInRequest, page: form_page.Page) -> tuple[str, dict[str, Any]] | None:
    """Reason and steps, for those who lock. One statement."""
    record = page.record
    if record.deleted_at is not None or not access.may(request.user, P.LOCK, record.site_id):
        return None
    held, opened = page.held, page.opened
    own = {row.kind: row.locked for row in Lock.objects.filter(record=record).order_by("id")}
    return "trial/lock_panel.html", {"record": record, "steps": _steps(held, opened, own), "note": _note(held, opened)}


def _steps(held: locks.Held | None, opened: locks.Opened | None, own: Mapping[str, bool]) -> list[tuple[str, str]]:
    if opened is not None and held is None:
        return [("end", "End the correction")]
    steps = [("unlock", "Unlock form") if own.get(LockKind.LOCK) else ("lock", "Lock form")]
    steps.insert(0, ("unfreeze", "Unfreeze form") if own.get(LockKind.FREEZE) else ("freeze", "Freeze form"))
    return [*steps, ("open", "Open for one correction")] if held else steps


def _note(held: locks.Held | None, opened: locks.Opened | None) -> str:
    if held is not None:
        return f"{held.word.capitalize()} {held.since}"
    if opened is not None:
        return "Open for a correction: it is locked again once signed. Ending it earlier needs no signature."
    return ""


form_page.add_panel(panel)


# --- every scope -----------------------------------------------------------------------------------------------------


class TargetForm(forms.Form):
    """What is frozen or locked: the study, a site, a subject, a visit of a subject."""

    scope = forms.ChoiceField(
        label="What",
        choices=[(s, s.label) for s in (LockScope.SUBJECT, LockScope.VISIT, LockScope.SITE, LockScope.STUDY)],
    )
    subject = forms.CharField(label="Subject", required=False, max_length=20, help_text="For a subject or a visit")
    visit = forms.ChoiceField(label="Visit", required=False, help_text="For a visit")
    site = forms.ModelChoiceField(
        Site.objects.none(),
        label="Site",
        required=False,
        to_field_name="number",
        empty_label="Choose",
        help_text="For a site",
    )
    reason = forms.CharField(label="Reason", max_length=400)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.target: still_open.Target = None
        row_field(self, "site").queryset = access.sites(user, P.LOCK)
        visits = [(visit.code, visit.label) for visit in protocol.get().schedule]
        choice_field(self, "visit").choices = [("", "Choose"), *visits]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        scope = given.get("scope")
        if scope in (LockScope.SUBJECT, LockScope.VISIT):
            self.target = self._subject(given.get("subject", ""))
            if scope == LockScope.VISIT and self.target is not None:
                self.target = self._visit(self.target, given.get("visit", ""))
        elif scope == LockScope.SITE:
            self.target = given.get("site")
            if self.target is None and "site" not in self.errors:
                self.add_error("site", "Choose the site.")
        return given

    def _subject(self, number: str) -> Subject | None:
        try:
            return access.get_subject(self.user, number)
        except Http404:
            self.add_error("subject", "There is no subject with this number.")
            return None

    def _visit(self, subject: Subject, code: str) -> Visit | None:
        visit = subject.visits.filter(code=code).first()
        if visit is None:
            self.add_error("visit", "Choose one of the subject's visits.")
        return visit


@require_http_methods(["GET", "HEAD", "POST"])
def lock_list(request: SignedInRequest) -> HttpResponse:
    """What is frozen or locked, by whom, when and why; the corrections that wait; and the steps, for those who may."""
    can_lock = access.may_anywhere(request.user, P.LOCK)
    if not can_lock and not access.may_anywhere(request.user, P.VIEW_AUDIT):
        access.role_anywhere(request.user, P.LOCK)
    if request.method == "POST":
        access.role_anywhere(request.user, P.LOCK)
    posted = request.POST if request.method == "POST" else None
    form = TargetForm(posted, user=request.user, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        lock_or_unlock(request, form.target)
        messages.success(request, f"{_named(form.target)} {DONE[request.POST['step']]}.")
        return redirect("locks")
    every = "all" in request.GET
    page = Paginator(_rows(every=every), PAGE).get_page(request.GET.get("page"))
    openings = {} if every else _openings(page)
    context = {
        "page": page,
        "lines": [_open(row, openings[row.pk]) if row.pk in openings else _line(row) for row in page],
        "every": every,
        "corrections": corrections(request.user),
        "form": form if can_lock else None,
    }
    return render(request, "trial/locks.html", context, status=422 if form.errors else 200)


def _rows(*, every: bool) -> Any:
    """The rows in force, or every step ever taken; the newest first."""
    rows = Lock.objects.select_related("by", "record__subject", "record__visit", "visit__subject", "subject", "site")
    if not every:
        rows = rows.filter(pk__in=still_open.newest_locks(), locked=True)
    return rows.order_by("-id")


def _line(row: Lock) -> dict[str, Any]:
    kind = LockKind(row.kind)
    words = {
        (LockKind.FREEZE, True): "Frozen",
        (LockKind.FREEZE, False): "Unfrozen",
        (LockKind.LOCK, True): "Locked",
        (LockKind.LOCK, False): "Opened for a correction" if row.until_signed else "Unlocked",
    }
    glyph = {LockKind.FREEZE: "frozen", LockKind.LOCK: "locked"}[kind] if row.locked else "in_progress"
    target = _target(row)
    return {"row": row, "status": glyph, "word": words[kind, row.locked], "name": _named(target), "url": _url(target)}


def _openings(rows: Iterable[Lock]) -> dict[int, Lock]:
    """Id of a row that froze or locked a form -> the later opening of it, while that is what counts. One statement."""
    of_forms = {row.pk: row.record_id for row in rows if row.record_id}
    found = still_open.openings().filter(record__in=of_forms.values()).select_related("by")
    by_form = {opening.record_id: opening for opening in found}
    later = ((pk, by_form.get(record)) for pk, record in of_forms.items())
    return {pk: opening for pk, opening in later if opening is not None and opening.pk > pk}


def _open(row: Lock, opening: Lock) -> dict[str, Any]:
    """A frozen or locked form that is open for a correction: by whom, since when and why that is."""
    return _line(row) | {"row": opening, "status": "in_progress", "word": "Open for correction"}


def _target(row: Lock) -> still_open.Target:
    return row.record or row.visit or row.subject or row.site


def _named(target: still_open.Target) -> str:
    """`Subject S001`, `S001, Day 1`, `Vital signs of S001, Day 1`."""
    match target:
        case FormRecord():
            visit = f", {protocol.get().visit(target.visit.code).label}" if target.visit else ""
            return f"{target.spec.title} of {target.subject.number}{visit}"
        case Visit():
            return f"{target.subject.number}, {protocol.get().visit(target.code).label}"
        case Subject():
            return f"Subject {target.number}"
        case Site():
            return f"Site {target.number}"
        case _:
            return "The study"


def _url(target: still_open.Target) -> str:
    match target:
        case FormRecord():
            return reverse("form", args=[target.pk])
        case Visit():
            return reverse("casebook", args=[target.subject.number])
        case Subject():
            return reverse("casebook", args=[target.number])
        case _:
            return ""


# --- corrections that wait -------------------------------------------------------------------------------------------


def corrections(user: User) -> list[dict[str, Any]]:
    """Forms open for a correction that this user sees, the longest waiting first, with what they wait for."""
    rows = still_open.openings().filter(record__in=access.forms(user))
    openings = list(rows.select_related("by", "record__subject", "record__visit", "record__site"))
    waits = still_open.waits_for(openings)
    return [
        {
            "record": opening.record,
            "name": _named(opening.record),
            "url": reverse("form", args=[opening.record_id]),
            "opening": opening,
            "waits_for": waits[opening.pk],
            "waited": worklists.days_waited(opening.at),
        }
        for opening in openings
    ]


def to_correct(user: User) -> worklists.Section | None:
    """On the home of those who enter data: forms that were opened for them. Nothing where there is none."""
    if not access.may_anywhere(user, P.ENTER_DATA):
        return None
    found = [line for line in corrections(user) if access.may(user, P.ENTER_DATA, line["record"].site_id)]
    if not found:
        return None
    return worklists.Section(
        title="Open for a correction",
        lines=tuple(
            worklists.Line(
                url=line["url"],
                text=f"{line['name']}: {line['opening'].reason}",
                status="in_progress",
                word=line["waits_for"].capitalize(),
                waited=line["waited"],
            )
            for line in found
        ),
        empty_text="No form is open for a correction.",
    )


worklists.register(to_correct)


def _visit_links(request: SignedInRequest, visit: Visit) -> list[dict[str, str]]:
    if not access.may(request.user, P.LOCK, visit.site_id):
        return []
    url = f"{reverse('locks')}?scope=visit&subject={visit.subject.number}&visit={visit.code}"
    return [{"label": "Freeze or lock", "url": url}]


panels.add_visit_links(_visit_links)


def _casebook_links(request: SignedInRequest, subject: Subject) -> list[dict[str, str]]:
    if not access.may(request.user, P.LOCK, subject.site_id):
        return []
    return [{"label": "Freeze or lock", "url": f"{reverse('locks')}?scope=subject&subject={subject.number}"}]


panels.add_casebook_links(_casebook_links)
