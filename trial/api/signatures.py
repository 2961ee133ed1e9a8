"""Signatures over forms of one's sites, to read."""

from django.db.models import Prefetch, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from trial import access, signatures
from trial.api.signing import SignatureSerializer
from trial.api.views import NUMBER, SignedIn
from trial.models import Signature, SignedForm

SUBJECT = OpenApiParameter("subject", OpenApiTypes.STR, description="Only those of the subject with this number")


class SignatureViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, SignedIn):
    """Signatures over forms that you may see, those that fell too."""

    serializer_class = SignatureSerializer
    queryset = Signature.objects.none()
    lookup_value_regex = NUMBER

    def get_queryset(self) -> QuerySet[Signature]:
        rows = signatures.seen_by(self.user).select_related("subject", "site", "visit", "void__by")
        wanted = self.request.query_params.get("subject")
        seen = Prefetch("forms", SignedForm.objects.filter(record__in=access.forms(self.user)))
        return (rows.filter(subject__number=wanted) if wanted else rows).prefetch_related(seen).order_by("id")

    @extend_schema(parameters=[SUBJECT])
    def list(self, request: Request) -> Response:
        """All of them, oldest first."""
        return super().list(request)
