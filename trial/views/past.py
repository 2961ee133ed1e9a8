"""Pages as they stood: the same address below /as-of/<moment>/, read only, marked so.

Only pages that are made from data alone are shown so; any other link leads back to today.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import get_script_prefix, resolve, reverse, set_script_prefix
from django.views.decorators.http import require_safe

from trial import access, as_of, clock, moments
from trial.crf.derive import ClockField, DayField
from trial.views.filters import WrongFilter, said
from trial.views.request import SignedInRequest

PREFIX = "/as-of/"
SHOWN = frozenset({"casebook", "form", "subjects", "query"})
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
Answer = Callable[[HttpRequest], HttpResponse]


class PastMiddleware:
    """Takes /as-of/<moment> off the address, and answers the rest from what stood then."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        text, _, rest = request.path_info.removeprefix(PREFIX).partition("/")
        path = f"/{rest}"
        if resolve(path).url_name not in SHOWN:
            return redirect(path)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"], "What stood then cannot be changed. Go back to today first.")
        return self._answer(request, _moment(text), f"{PREFIX}{text}/", path)

    def _answer(self, request: HttpRequest, moment: datetime, prefix: str, path: str) -> HttpResponse:
        before = get_script_prefix()
        request.path_info = path
        try:
            set_script_prefix(prefix)  # links stay in the past
            with as_of.showing(moment):
                return self.get_response(request)
        finally:
            set_script_prefix(before)


def _moment(text: str) -> datetime:
    """A moment in UTC from an address. Raises Http404 for one that is no moment, or lies ahead."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Http404(f"“{text}” is no moment. Use one like 2026-01-31T14:05:00Z.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not FIRST <= moment <= datetime.now(UTC):
        raise Http404("A page can be shown as it stood at a past moment, not at one that lies ahead.")
    return moment.astimezone(UTC)


class MomentForm(forms.Form):
    day = DayField(label="Date")
    time = ClockField(label="Time", required=False, help_text="Empty: at the end of that day")

    def clean_day(self) -> datetime:
        day = datetime.fromisoformat(self.cleaned_data["day"])
        if not FIRST.date() <= day.date() <= datetime.now(UTC).date() + timedelta(days=1):  # it is tomorrow somewhere
            raise forms.ValidationError(f"{day:%d-%b-%Y} lies ahead, or before any trial. Choose a day that has come.")
        return day


@require_safe
def choose(request: SignedInRequest, number: str) -> HttpResponse:
    """To a subject's casebook as it stood at a moment of its site's clock."""
    subject = access.get_subject(request.user, number)
    form = MomentForm(request.GET)
    if not form.is_valid():
        raise WrongFilter(f"Say at which moment the casebook is to be shown. {said(form)}")
    moment = _asked(form, ZoneInfo(subject.site.time_zone))
    if moment > datetime.now(UTC):
        raise WrongFilter(
            f"{moments.show(moment, subject.site.time_zone)} lies ahead. Choose a moment that has passed."
        )
    return redirect(f"{PREFIX}{address(moment)}{reverse('casebook', args=[subject.number])}")


def _asked(form: MomentForm, zone: ZoneInfo) -> datetime:
    day: datetime = form.cleaned_data["day"]
    if not form.cleaned_data["time"]:
        end = (day + timedelta(days=1)).replace(tzinfo=zone)
        return min(end, datetime.now(UTC)) if day.date() <= datetime.now(zone).date() else end
    return datetime.fromisoformat(f"{day:%Y-%m-%d}T{form.cleaned_data['time']}").replace(tzinfo=zone)


def address(moment: datetime) -> str:
    """A moment as it stands in an address."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def band(request: HttpRequest) -> dict[str, str] | None:
    """What the band of a page of the past says, and the way back; None on a page of today."""
    moment = clock.shown_moment()
    if moment is None:
        return None
    utc = f"{moment:%d-%b-%Y %H:%M} UTC"
    zone = _site_clock(request)
    return {"moment": f"{moments.show(moment, zone)}, {utc}" if zone else utc, "today": request.path_info}


# Page -> the clock of what it shows. Whatever this reader does not find has none.
CLOCKS: dict[str, Callable[..., str]] = {
    "casebook": lambda user, number: access.get_subject(user, number).site.time_zone,
    "form": lambda user, pk: access.get_form(user, pk).time_zone,
    "query": lambda user, pk: access.get_query(user, pk).site.time_zone,
}


def _site_clock(request: HttpRequest) -> str:
    """The site's zone; of a list that of all its sites, if they share one; else empty."""
    match, user = request.resolver_match, cast(Any, request.user)
    if match is None or not user.is_authenticated:
        return ""
    if match.url_name in CLOCKS:
        with suppress(Http404):
            return CLOCKS[match.url_name](user, **match.kwargs)
        return ""
    zones = set(access.sites(user).values_list("time_zone", flat=True))
    return zones.pop() if len(zones) == 1 else ""
