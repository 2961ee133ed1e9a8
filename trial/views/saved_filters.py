"""Filters that a person keeps under a name: links above the list, and the forms that keep and remove them.

A list takes part by `add_list` with its own form, which reads what is kept, and by handing `shown` to its template.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST

from trial import access, actions, clock
from trial.actions.filters import MOST, NameNeeded
from trial.models import SavedFilter, User
from trial.permissions import Permission as P
from trial.views.filters import WrongFilter, said
from trial.views.request import SignedInRequest

LONGEST = 1000  # of what stands after the `?`


Make = Callable[[User, QueryDict], forms.Form]


@dataclass(frozen=True)
class _List:
    """form: of a list, for a person and an address. blank_counts: fields whose blank is not the same as nothing."""

    form: Make
    blank_counts: frozenset[str]


_lists: dict[str, _List] = {}


def add_list(url_name: str, form: Make, *, blank_counts: tuple[str, ...] = ()) -> None:
    """Let the filters of this list be kept. The address takes at most one argument."""
    _lists[url_name] = _List(form, frozenset(blank_counts))


def shown(request: SignedInRequest, form: forms.Form) -> dict[str, Any] | None:
    """What components/saved_filters.html takes. One statement; None, without one, on a page of the past and on a list
    that was not added.
    """
    if clock.shown_moment() is not None or _name_of(request) not in _lists:
        return None
    page, query = _page_of(request), _kept_of(form, request.GET, _name_of(request))
    kept = list(SavedFilter.objects.filter(user=request.user, page=page))
    links = [{"kept": one, "url": f"{request.path}?{one.query}", "current": one.query == query} for one in kept]
    is_new = bool(query) and form.is_valid() and not any(link["current"] for link in links)
    return {
        "page": page,
        "query": query,
        "links": links,
        "can_save": is_new and len(kept) < MOST,
        "full": is_new and len(kept) >= MOST,
        "most": MOST,
    }


def _name_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.url_name or "") if match else ""


def _page_of(request: HttpRequest) -> str:
    """`queries`; with its argument, `work-list:forms-due`."""
    match = request.resolver_match
    given = [*match.args, *match.kwargs.values()] if match else []
    return ":".join([_name_of(request), *map(str, given)])


def _kept_of(form: forms.Form, data: QueryDict, name: str) -> str:
    """Of an address, what the list's form asks about: no page number, no blanks that say nothing."""
    blank_counts = _lists[name].blank_counts
    kept = QueryDict(mutable=True)
    for field in form.fields:
        text = str(data.get(field, ""))
        if text.strip() or (field in data and field in blank_counts):
            kept[field] = text
    return kept.urlencode()


@require_POST
def save(request: SignedInRequest) -> HttpResponse:
    """Keep the filters that the list has now."""
    access.role_anywhere(request.user, P.VIEW_DATA)
    page, data = request.POST.get("page", ""), QueryDict(request.POST.get("query", "")[:LONGEST])
    name, _, argument = page.partition(":")
    if name not in _lists:
        raise Http404("This list keeps no filters.")
    try:
        address = reverse(name, args=[argument] if argument else [])
    except NoReverseMatch:
        raise Http404("There is no such list.") from None
    form = _lists[name].form(request.user, data)
    if not form.is_valid():
        raise WrongFilter(f"These filters were not kept, since they cannot be read. {said(form)}")
    query = _kept_of(form, data, name)
    if not query:
        raise WrongFilter("No filter is set, so there is nothing to keep. Set one and press “Show” first.")
    try:
        kept = actions.keep_filter(page=page, query=query, name=request.POST.get("name", ""), by=request.user)
    except NameNeeded as needed:
        raise WrongFilter(str(needed)) from None
    messages.success(request, f"The filters are kept as “{kept.name}”.")
    return redirect(f"{address}?{query}")


@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Forget filters of one's own; the list stays as it is shown."""
    kept = get_object_or_404(SavedFilter, pk=pk, user=request.user)
    name, _, argument = kept.page.partition(":")
    actions.forget_filter(kept=kept, by=request.user)
    messages.success(request, f"“{kept.name}” is removed.")
    here = QueryDict(request.POST.get("query", "")[:LONGEST]).urlencode()
    address = reverse(name, args=[argument] if argument else [])
    return redirect(f"{address}?{here}" if here else address)
