"""The API of verification and locks: rows as they were written, and the steps that write new ones."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from trial import access, still_open
from trial.actions import locks, verification
from trial.api import answers
from trial.api.views import REASON, VERSION, SignedIn, _reason, _version
from trial.models import Lock, LockScope, ReviewKind, ReviewMark
from trial.permissions import Permission as P

LOCK_STEPS: Mapping[str, Callable[..., Lock]] = {
    "freeze": locks.freeze,
    "unfreeze": locks.unfreeze,
    "lock": locks.lock,
    "unlock": locks.unlock,
}
FORM_STEPS: Mapping[str, Callable[..., Lock]] = {"open": locks.open_for_correction, "end": locks.end_correction}


class ReviewMarkSerializer(serializers.ModelSerializer):
    by: serializers.SlugRelatedField = serializers.SlugRelatedField(slug_field="username", read_only=True)

    class Meta:
        model = ReviewMark
        fields = ["id", "kind", "record", "given", "items", "stands", "whole", "version", "at", "by", "role", "reason"]


class MarkSerializer(serializers.Serializer):
    record = serializers.IntegerField(help_text="Id of the form record")
    kind = serializers.ChoiceField(choices=ReviewKind.choices)
    items = serializers.ListField(child=serializers.CharField(), required=False, allow_null=True, default=None)


class ReviewMarkViewSet(mixins.ListModelMixin, SignedIn):
    """Marks of the forms that you see, in the order they were given and taken."""

    serializer_class = ReviewMarkSerializer
    queryset = ReviewMark.objects.none()

    def get_queryset(self) -> QuerySet[ReviewMark]:
        rows = ReviewMark.objects.filter(record__in=access.forms(self.user)).select_related("by").order_by("id")
        wanted = self.request.query_params.get("record", "")
        return rows.filter(record=int(wanted)) if wanted.isascii() and wanted.isdigit() else rows

    @extend_schema(request=MarkSerializer, responses={201: ReviewMarkSerializer}, parameters=[VERSION])
    def create(self, request: Request) -> Response:
        """Mark items (none named: all that the form asks) as verified or reviewed. Needs If-Match."""
        given = self._given(request)
        record = access.get_form(self.user, given["record"])
        mark = verification.mark(
            record=record, kind=given["kind"], items=given["items"], by=self.user, expected_version=_version(request)
        )
        return Response(self.get_serializer(mark).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=MarkSerializer, parameters=[REASON])
    @action(detail=False, methods=["post"], url_path="take-away")
    def take_away(self, request: Request) -> Response:
        """Take marks away (no items named: all that stand), with X-Reason."""
        given = self._given(request)
        record = access.get_form(self.user, given["record"])
        mark = verification.unmark(
            record=record, kind=given["kind"], items=given["items"], by=self.user, reason=_reason(request)
        )
        return Response(self.get_serializer(mark).data)

    def _given(self, request: Request) -> dict[str, Any]:
        asked = MarkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)


class LockSerializer(serializers.ModelSerializer):
    by: serializers.SlugRelatedField = serializers.SlugRelatedField(slug_field="username", read_only=True)
    site: serializers.SlugRelatedField = serializers.SlugRelatedField(slug_field="number", read_only=True)
    subject: serializers.SlugRelatedField = serializers.SlugRelatedField(slug_field="number", read_only=True)
    visit = serializers.SerializerMethodField()

    class Meta:
        model = Lock
        fields = [
            "id", "scope", "kind", "locked", "until_signed", "record", "visit", "subject", "site", "at", "by", "role",
            "reason",
        ]  # fmt: skip

    def get_visit(self, row: Lock) -> str | None:
        return f"{row.visit.subject.number}/{row.visit.code}" if row.visit else None


class StepSerializer(serializers.Serializer):
    step = serializers.ChoiceField(choices=sorted({**LOCK_STEPS, **FORM_STEPS}))
    scope = serializers.ChoiceField(choices=LockScope.choices)
    record = serializers.IntegerField(required=False, help_text="Of a form")
    subject = serializers.CharField(required=False, help_text="Of a subject, or of a visit")
    visit = serializers.CharField(required=False, help_text="Code of a visit")
    site = serializers.CharField(required=False, help_text="Number of a site")


class LockViewSet(mixins.ListModelMixin, SignedIn):
    """Freezing, locking and opening again, as it was done: for those who lock, and those who read the audit trail."""

    serializer_class = LockSerializer
    queryset = Lock.objects.none()

    def get_queryset(self) -> QuerySet[Lock]:
        if not access.may_anywhere(self.user, P.VIEW_AUDIT):
            access.role_anywhere(self.user, P.LOCK)
        return Lock.objects.select_related("by", "visit__subject", "subject", "site").order_by("id")

    @extend_schema(request=StepSerializer, responses={201: LockSerializer}, parameters=[REASON])
    def create(self, request: Request) -> Response:
        """Freeze, lock or open again a form, a visit, a subject, a site or the study, with X-Reason."""
        asked = StepSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, reason = asked.validated_data, _reason(request)
        target = self._target(given)
        if given["step"] in LOCK_STEPS:
            made = LOCK_STEPS[given["step"]](target=target, by=self.user, reason=reason)
        elif given["scope"] == LockScope.FORM:
            made = FORM_STEPS[given["step"]](record=target, by=self.user, reason=reason)
        else:
            raise ValidationError({"scope": ["A correction is of one form."]})
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    def _target(self, given: Mapping[str, Any]) -> still_open.Target:
        scope = given["scope"]
        if scope == LockScope.STUDY:
            return None
        if scope == LockScope.FORM:
            return access.get_form(self.user, _named(given, "record"))
        if scope == LockScope.SITE:
            access.role_anywhere(self.user, P.LOCK)
            return access.get_site(self.user, answers.text("site", _named(given, "site")), P.LOCK)
        subject = access.get_subject(self.user, answers.text("subject", _named(given, "subject")))
        if scope == LockScope.SUBJECT:
            return subject
        visit = subject.visits.filter(code=_named(given, "visit")).first()
        if visit is None:
            raise ValidationError({"visit": ["This is none of the subject's visits."]})
        return visit


def _named(given: Mapping[str, Any], name: str) -> Any:
    if name not in given:
        raise ValidationError({name: ["Say which."]})
    return given[name]
