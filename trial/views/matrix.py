"""The study matrix as a page and as a file."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from trial import access, study_matrix
from trial.exports import lists
from trial.form_fields import choice_field
from trial.lifecycle import SubjectState
from trial.models import Subject, User
from trial.permissions import Permission as P
from trial.study_matrix import Wanted
from trial.views import saved_filters
from trial.views.filters import insist
from trial.views.request import SignedInRequest

PAGE = 50
ACROSS = [(study_matrix.VISITS, "Visits"), (study_matrix.FORMS, "Forms")]


class MatrixFilter(forms.Form):
    """Which subjects, and what is shown of them. What is not understood is left out, not refused."""

    q = forms.CharField(required=False, label="Number contains")
    site = forms.ChoiceField(required=False)
    state = forms.ChoiceField(
        required=False, label="State", choices=[("", "All"), *((s, s.capitalize()) for s in SubjectState)]
    )
    form = forms.ChoiceField(required=False)
    across = forms.ChoiceField(required=False, label="Across", choices=ACROSS)
    overdue = forms.BooleanField(required=False, label="Has overdue forms")
    queried = forms.BooleanField(required=False, label="Has live queries")
    unsigned = forms.BooleanField(required=False, label="Not all signed")
    unverified = forms.BooleanField(required=False, label="Not all verified")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = access.sites(user).values_list("number", flat=True)
        specs = study_matrix.visible_specs(user)
        self._choose("site", [(number, number) for number in numbers])
        self._choose("form", [(spec.code, spec.title) for spec in specs])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        choice_field(self, name).choices = [("", "All"), *choices]

    def wanted(self) -> Wanted:
        self.is_valid()
        given = self.cleaned_data
        return Wanted(
            number=given.get("q", ""),
            site=given.get("site", ""),
            state=given.get("state", ""),
            form=given.get("form", ""),
            across=given.get("across") or study_matrix.VISITS,
            **{name: bool(given.get(name)) for name in ("overdue", "queried", "unsigned", "unverified")},
        )


saved_filters.add_list("matrix", lambda user, data: MatrixFilter(data, user=user))


@require_safe
def matrix(request: SignedInRequest) -> HttpResponse:
    """Subjects of the user's sites, 50 a page, with a status for each visit or form."""
    access.role_anywhere(request.user, P.VIEW_DATA)
    filters = MatrixFilter(request.GET, user=request.user)
    wanted = filters.wanted()
    page = Paginator(study_matrix.subjects(request.user, wanted), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filters": filters,
        "filters_reset_url": reverse("matrix") if request.GET else "",
        "saved": saved_filters.shown(request, filters),
        **study_matrix.page(request.user, list(page), wanted),
    }
    return render(request, "trial/matrix.html", context)


@require_safe
def matrix_csv(request: SignedInRequest) -> HttpResponseBase:
    """The same of all subjects that fit, in words."""
    role = access.role_anywhere(request.user, P.VIEW_DATA)
    filters = MatrixFilter(request.GET, user=request.user)
    insist(filters)
    wanted = filters.wanted()
    head, _ = study_matrix.words(request.user, [], wanted)
    return lists.download(
        name="study-matrix",
        columns=head,
        rows=_lines(request.user, wanted),
        by=request.user,
        role=role.code,
        request=request,
    )


def _lines(user: User, wanted: Wanted) -> Iterator[list[str]]:
    found: list[Subject]
    for found in study_matrix.chunks(study_matrix.subjects(user, wanted)):
        yield from study_matrix.words(user, found, wanted)[1]
