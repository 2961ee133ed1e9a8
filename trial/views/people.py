from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from trial import access
from trial.models import Membership, Site
from trial.permissions import Permission as P
from trial.views.request import SignedInRequest


@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    """Sites, and who has which role there, from when until when."""
    access.role_anywhere(request.user, P.MANAGE_PEOPLE)
    sites = Site.objects.annotate(subject_count=Count("subjects")).order_by("number")
    memberships = Membership.objects.select_related("user", "site").exclude(role_code="system")
    return render(request, "trial/people.html", {"sites": sites, "memberships": memberships.order_by("user__username")})
