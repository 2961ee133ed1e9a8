"""An address that there is not: a page for people, JSON for programs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import page_not_found

NO_ADDRESS = "There is no such address in this API. /api/v1/docs/ lists those that there are."


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Below /api/ in the shape of all its refusals."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": NO_ADDRESS}, status=404)
    return page_not_found(request, exception)
