"""Sites, people, their roles, training and invitations; who had access on a day."""

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Prefetch
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trial import access, access_register, actions, roles, training
from trial.crf.derive import DayField
from trial.exports import lists
from trial.form_fields import choice_field
from trial.lifecycle import WrongState
from trial.models import AccessEvent, Delegation, Invitation, Membership, Site, Training, User
from trial.permissions import Permission as P
from trial.views.request import SignedInRequest

COLUMNS = ("person", "user_name", "roles_today", "state")


@require_safe
def people(request: SignedInRequest) -> HttpResponseBase:
    """Sites, and people with what they may do and what they still need."""
    role = access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    if request.GET.get("format") == "csv":
        rows = (_cells(_line(user)) for user in _people())
        return lists.download(
            name="people", columns=COLUMNS, rows=rows, by=request.user, role=role.code, request=request
        )  # fmt: skip
    sites = Site.objects.annotate(subject_count=Count("subjects")).order_by("number")
    context = {"sites": sites, "lines": [_line(user) for user in _people()], "overdue": access_register.overdue_since()}
    return render(request, "trial/people.html", context)


def _people() -> Any:
    trained = Training.objects.filter(user=OuterRef("pk"), version=training.VERSION)
    return (
        User.objects.exclude(username="system")
        .annotate(trained=Exists(trained))
        .prefetch_related(
            Prefetch("memberships", Membership.objects.select_related("site")),
            Prefetch("invitations", Invitation.objects.order_by("-id")),
        )
        .order_by("full_name", "username")
    )


def _line(user: Any) -> dict[str, Any]:
    today = timezone.now().date()
    current = [m for m in user.memberships.all() if m.starts_on <= today and (m.ends_on is None or m.ends_on >= today)]
    return {
        "user": user,
        "roles": ", ".join(f"{m.role.name}{f' {m.site.number}' if m.site else ''}" for m in current) or "no role today",
        "state": _state(user, bool(current)),
    }


def _cells(line: dict[str, Any]) -> tuple[str, ...]:
    return line["user"].full_name, line["user"].username, line["roles"], line["state"][1]


def _state(user: Any, has_role: bool) -> tuple[str, str]:
    """What a person still needs, as a status and a word."""
    invitation = next(iter(user.invitations.all()), None)
    if not user.is_active:
        return "locked", "Deactivated"
    if user.must_set_password and invitation and invitation.expires_at <= timezone.now():
        return "overdue", "Invitation expired"
    if user.must_set_password:
        return "due", "Invited"
    if has_role and not user.trained:
        return "due", "Not trained: reads only"
    return "complete", "Active"


# --- one person --------------------------------------------------------------------------------------------------


class RoleForm(forms.Form):
    role_code = forms.ChoiceField(label="Role")
    site = forms.ChoiceField(label="Site", required=False, help_text="For the roles of a site alone")
    starts_on = DayField(label="From", required=False, help_text="Empty: today")
    ends_on = DayField(label="Until", required=False, help_text="That day included; empty: open")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(role.code, role.name) for role in roles.all_roles() if role.code != "system"]
        choice_field(self, "role_code").choices = known
        sites = Site.objects.order_by("number").values_list("number", "name")
        choice_field(self, "site").choices = [("", "—"), *((number, f"{number} {name}") for number, name in sites)]

    def granted(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "role_code": given["role_code"],
            "site": Site.objects.get(number=given["site"]) if given["site"] else None,
            "starts_on": _day(given["starts_on"]),
            "ends_on": _day(given["ends_on"]),
        }


class InviteForm(RoleForm):
    full_name = forms.CharField(label="Name as it is to be printed", max_length=120)
    email = forms.EmailField(label="E-mail")
    username = forms.SlugField(
        label="User name", max_length=80, help_text="Letters, digits, hyphens; never given twice"
    )
    field_order = ["full_name", "email", "username", "role_code", "site", "starts_on", "ends_on"]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=400)


class EndForm(ReasonForm):
    on = DayField(label="Last day")


class TrainingForm(forms.Form):
    completed_on = DayField(label="Completed on")
    note = forms.CharField(label="Note", required=False, max_length=200)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _base_url(request: SignedInRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: SignedInRequest) -> HttpResponse:
    """A new account with a role, and a mail to its owner."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("full_name", "email", "username")}
        try:
            actions.invite(**given, **form.granted(), by=request.user, base_url=_base_url(request))
        except (ValidationError, ValueError) as error:
            _add(form, error)
        else:
            messages.success(request, f"{given['full_name']} is invited; the mail is on its way to {given['email']}.")
            return redirect("people")
    crumbs = [{"label": "Sites and people", "url": reverse("people")}, {"label": "Invite", "url": ""}]
    context = {"form": form, "crumbs": crumbs, "heading": "Invite a person", "save_label": "Send invitation"}
    return render(request, "trial/people_form.html", context, status=422 if form.errors else 200)


def _add(form: forms.Form, error: ValidationError | ValueError) -> None:
    if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
        for name, found in error.error_dict.items():
            form.add_error(name if name in form.fields else None, found)
    else:
        form.add_error(None, str(error) if not isinstance(error, ValidationError) else error)


@require_safe
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person: roles with dates, training, delegations, invitations, the newest sign-ins."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    found = _person(pk)
    return _show(request, found, {})


def _person(pk: int) -> User:
    found = User.objects.filter(pk=pk).exclude(username="system").first()
    if found is None:
        raise Http404("There is no such person.")
    return found


def _show(request: SignedInRequest, found: User, forms_given: dict[str, forms.Form]) -> HttpResponse:
    blank: dict[str, forms.Form] = {
        "role_form": RoleForm(), "end_form": EndForm(), "training_form": TrainingForm(), "reason_form": ReasonForm(),
    }  # fmt: skip
    context = {
        "person": found,
        "is_oneself": found.pk == request.user.pk,
        "memberships": found.memberships.select_related("site").order_by("starts_on"),
        "trainings": found.trainings.all(),
        "needs_training": not found.trainings.filter(version=training.VERSION).exists(),
        "training": training,
        "invitations": found.invitations.select_related("sent_by")[:5],
        "delegations": Delegation.objects.filter(user=found).select_related("site"),
        "events": AccessEvent.objects.filter(username=found.username).order_by("-id")[:10],
        "now": timezone.now(),
        "crumbs": [{"label": "Sites and people", "url": reverse("people")}, {"label": found.full_name, "url": ""}],
    }
    failed = any(form.errors for form in forms_given.values())
    return render(request, "trial/person.html", context | blank | forms_given, status=422 if failed else 200)


@require_POST
def grant(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a person a role, from a day until a day."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    found, form = _person(pk), RoleForm(request.POST)
    if form.is_valid():
        try:
            actions.grant(user=found, by=request.user, **form.granted())
        except (ValidationError, ValueError) as error:
            _add(form, error)
        else:
            messages.success(request, f"{found.full_name} has the role.")
            return redirect("person", pk)
    return _show(request, found, {"role_form": form})


@require_POST
def end_role(request: SignedInRequest, pk: int, membership: int) -> HttpResponse:
    """Let a role end on a day, with the reason."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    found, form = _person(pk), EndForm(request.POST)
    held = found.memberships.select_related("user", "site").filter(pk=membership).first()
    if held is None:
        raise Http404("This person has no such role.")
    if form.is_valid():
        last = date.fromisoformat(form.cleaned_data["on"])
        try:
            actions.end_membership(membership=held, by=request.user, on=last, reason=form.cleaned_data["reason"])
        except ValueError as error:
            _add(form, error)
        else:
            messages.success(request, f"The role ends on {last:%d-%b-%Y}.")
            return redirect("person", pk)
    return _show(request, found, {"end_form": form})


@require_POST
def train(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record that the present training was completed."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    found, form = _person(pk), TrainingForm(request.POST)
    if not form.is_valid():
        return _show(request, found, {"training_form": form})
    completed = date.fromisoformat(form.cleaned_data["completed_on"])
    actions.record_training(user=found, by=request.user, completed_on=completed, note=form.cleaned_data["note"])
    messages.success(request, f"The training of {found.full_name} is recorded.")
    return redirect("person", pk)


@require_POST
def send_invitation(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new mail to set a password; what worked before does not any more."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    found = _person(pk)
    actions.send_invitation(user=found, by=request.user, base_url=_base_url(request))
    messages.success(request, f"A new address to set a password is on its way to {found.email}.")
    return redirect("person", pk)


@require_POST
def withdraw_invitation(request: SignedInRequest, pk: int, invitation: int) -> HttpResponse:
    """The mailed address stops working."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    sent = _person(pk).invitations.filter(pk=invitation).first()
    if sent is None:
        raise Http404("This person has no such invitation.")
    actions.withdraw_invitation(invitation=sent, by=request.user)
    messages.success(request, "The invitation is withdrawn.")
    return redirect("person", pk)


@require_POST
def deactivate(request: SignedInRequest, pk: int) -> HttpResponse:
    """No more sign-in; name and history stay."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    found = _person(pk)
    actions.deactivate(user=found, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, f"{found.full_name} cannot sign in any more; the name stays in the history.")
    return redirect("person", pk)


@require_POST
def reactivate(request: SignedInRequest, pk: int) -> HttpResponse:
    """The account may be used again, with a new password of its owner's."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    found = _person(pk)
    reason = request.POST.get("reason", "")
    actions.reactivate(user=found, by=request.user, reason=reason, base_url=_base_url(request))
    messages.success(request, f"{found.full_name} is active again and sets a new password.")
    return redirect("person", pk)


# --- by the invited ----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: SignedInRequest, token: str) -> HttpResponse:
    """Who was invited sets the password."""
    try:
        invited = actions.open_invitation(token)
    except WrongState as error:
        return render(request, "trial/invitation.html", {"sentence": str(error)}, status=410)
    form: Any = SetPasswordForm(invited.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.accept_invitation(token=token, password=form.cleaned_data["new_password1"])
        messages.success(request, "Your password is set. Sign in with it.")
        return redirect("sign-in")
    context = {"form": form, "invited": invited.user}
    return render(request, "trial/invitation.html", context, status=422 if form.errors else 200)


# --- sites -------------------------------------------------------------------------------------------------------


class SiteForm(forms.Form):
    number = forms.CharField(label="Number", max_length=10, help_text="Never changes, for example NL01")
    name = forms.CharField(label="Name", max_length=200)
    country = forms.RegexField(label="Country", regex="^[A-Z]{2}$", help_text="ISO 3166 code, for example NL")
    time_zone = forms.ChoiceField(  # nobody gets the first of the list unasked: every moment hangs on it
        label="Time zone", choices=[("", "Choose"), *((zone, zone) for zone in sorted(available_timezones()))]
    )
    activated_on = DayField(label="Activated on", required=False, help_text="From this day on subjects are screened")
    closed_on = DayField(label="Closed on", required=False, help_text="From this day on nobody is screened")
    reason = forms.CharField(label="Reason for the change", max_length=400)

    def day(self, name: str) -> date | None:
        return _day(self.cleaned_data.get(name))


@require_http_methods(["GET", "HEAD", "POST"])
def new_site(request: SignedInRequest) -> HttpResponse:
    """Open a site."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    form = SiteForm(request.POST if request.method == "POST" else None)
    del form.fields["reason"], form.fields["closed_on"]
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("number", "name", "country", "time_zone")}
        try:
            made = actions.create_site(**given, activated_on=form.day("activated_on"), by=request.user)
        except ValidationError as error:
            _add(form, error)
        else:
            messages.success(request, f"Site {made.number} is open.")
            return redirect("people")
    return _site_page(request, form, "New site", "Open site")


@require_http_methods(["GET", "HEAD", "POST"])
def site(request: SignedInRequest, number: str) -> HttpResponse:
    """Correct, activate or close a site, with the reason."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    found = access.get_site(request.user, number, P.VIEW_DATA)
    initial = {field: getattr(found, field) for field in SiteForm.base_fields if field != "reason"}
    form = SiteForm(request.POST if request.method == "POST" else None, initial=initial)
    del form.fields["number"]
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("name", "country", "time_zone", "reason")}
        try:
            activated_on, closed_on = form.day("activated_on"), form.day("closed_on")
            actions.change_site(site=found, by=request.user, activated_on=activated_on, closed_on=closed_on, **given)
        except ValidationError as error:
            _add(form, error)
        else:
            messages.success(request, f"Site {found.number} is saved.")
            return redirect("people")
    return _site_page(request, form, f"Site {found.number}", "Save site")


def _site_page(request: SignedInRequest, form: SiteForm, heading: str, save_label: str) -> HttpResponse:
    crumbs = [{"label": "Sites and people", "url": reverse("people")}, {"label": heading, "url": ""}]
    context = {"form": form, "crumbs": crumbs, "heading": heading, "save_label": save_label}
    return render(request, "trial/people_form.html", context, status=422 if form.errors else 200)


# --- access on a day ---------------------------------------------------------------------------------------------


class DayForm(forms.Form):
    """A day up to today; today where none is given."""

    day = DayField(label="On", required=False)

    def clean_day(self) -> date:
        today = timezone.now().date()
        day = _day(self.cleaned_data["day"]) or today
        if day > today:
            raise forms.ValidationError(f"{day:%d-%b-%Y} lies ahead: who has access then is not settled.")
        return day


@require_safe
def access_on(request: SignedInRequest) -> HttpResponse:
    """Who had which rights on a day, as history knew then; for people managers and who reads the trail."""
    if not access.may_anywhere(request.user, P.VIEW_AUDIT):
        access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    form = DayForm(request.GET)
    day = form.cleaned_data["day"] if form.is_valid() else None
    rights = access_register.on(day) if day else []
    context = {
        "day": day,
        "filters": form,
        "rights": rights,
        "sha256": access_register.sha256(rights),
        "last": access_register.last_review(),
        "overdue": access_register.overdue_since(),
        "may_sign_off": access.may_anywhere(request.user, P.MANAGE_PEOPLE),
        "crumbs": [{"label": "Access register", "url": ""}],
    }
    return render(request, "trial/access_on.html", context, status=200 if day else 422)


@require_POST
def sign_off_access(request: SignedInRequest) -> HttpResponse:
    """The list that the page showed was looked through."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    form = DayForm(request.POST)
    if not form.is_valid():
        raise WrongState("This is no list of a past day or of today. Choose the day again.")
    day = form.cleaned_data["day"]
    shown = access_register.sha256(access_register.on(day))
    if request.POST.get("sha256") != shown:
        raise WrongState("The list has changed since the page was shown. Look through it again.")
    actions.sign_off_access(by=request.user, day=day, sha256=shown, note=request.POST.get("note", ""))
    messages.success(request, "The list of rights is signed off.")
    return redirect(f"{reverse('access-on')}?day={day.isoformat()}")
