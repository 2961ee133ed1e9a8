"""Work-lists in full, as pages and as files; and the next thing of a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from trial import access, worklists
from trial.exports import lists
from trial.views import saved_filters
from trial.views.filters import insist
from trial.views.request import SignedInRequest
from trial.worklists import Line, Narrow, Source

PAGE = 50
AT_ONCE = 500  # lines of a file read with one statement
COLUMNS = ("site", "subject", "what", "state", "waiting_since", "waited", "address")


class NarrowForm(forms.Form):
    site = forms.CharField(required=False, max_length=10, label="Site")
    q = forms.CharField(required=False, max_length=20, label="Subject number contains")

    def narrow(self) -> Narrow:
        self.is_valid()
        return Narrow(site=self.cleaned_data.get("site", ""), number=self.cleaned_data.get("q", ""))


saved_filters.add_list("work-list", lambda user, data: NarrowForm(data))


@dataclass(frozen=True)
class _Paged:
    """A source as a paginator takes it."""

    source: Source

    def count(self) -> int:
        return self.source.count()

    def __len__(self) -> int:
        return self.source.count()

    def __getitem__(self, wanted: slice) -> list[Line]:
        return self.source.lines(wanted.start or 0, wanted.stop)


@require_safe
def work_list(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """One work-list of this user, 50 lines a page. 404 where it is none of theirs."""
    worklist = worklists.find(slug)
    filters = NarrowForm(request.GET)
    source = worklist.find(request.user, filters.narrow()) if worklist else None
    if worklist is None or source is None:
        raise Http404("There is no such list among yours.")
    if request.GET.get("format") == "csv":
        insist(filters)
        return lists.download(
            name=slug,
            columns=COLUMNS,
            rows=_file_lines(source),
            by=request.user,
            role=", ".join(role.code for role in access.roles_of(request.user)),
            request=request,
        )
    page: Page = Paginator(cast(Any, _Paged(source)), PAGE).get_page(request.GET.get("page"))
    saved = saved_filters.shown(request, filters)
    context = {"worklist": worklist, "page": page, "filters": filters, "saved": saved}
    return render(request, "trial/work_list.html", context)


def _file_lines(source: Source) -> Iterator[tuple[str, str, str, str, date | None, str, str]]:
    start = 0
    while found := source.lines(start, start + AT_ONCE):
        for line in found:
            yield line.site, line.subject, line.text, line.word, line.since, line.waited, line.url
        start += AT_ONCE


@require_safe
def first_line(request: SignedInRequest) -> HttpResponse:
    """To the first line of the user's home; home where nothing waits."""
    line = worklists.first_line(request.user)
    if line is None:
        messages.info(request, "Nothing waits for you.")
    return redirect(line.url if line else "home")
