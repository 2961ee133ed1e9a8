"""The API: derived endpoints per CRF, subjects and queries. Each calls the same actions as the pages."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from trial import access, access_log, actions, protocol
from trial.api import answers, serializers, signing
from trial.api.errors import VersionNeeded
from trial.api.parsing import Json
from trial.crf.spec import CrfSpec
from trial.models import FormRecord, Query, Subject, User, Visit
from trial.permissions import Permission as P

REASON = OpenApiParameter(
    "X-Reason",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Why a saved answer changes, or is first entered so late",
)
VERSION = OpenApiParameter(
    "If-Match", OpenApiTypes.INT, OpenApiParameter.HEADER, description="The version that you saw"
)
ONCE = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    description="Names this request. Sent again it saves nothing and answers with what it saved",
)
NUMBER = "[0-9]{1,18}"  # other addresses are none


class SignedIn(viewsets.GenericViewSet):
    """Base: IsAuthenticated has let through people with accounts only."""

    @property
    def user(self) -> User:
        return cast(User, self.request.user)


class TokenView(ObtainAuthToken):
    """A token for name and password; the access log says who took one."""

    parser_classes = (FormParser, MultiPartParser, Json)

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().post(request, *args, **kwargs)
        user = User.objects.get(auth_token=answer.data["token"])
        access_log.record(user=user, event="token taken", request=request)
        return answer


class SubjectViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, SignedIn):
    """Subjects of your sites."""

    serializer_class = serializers.SubjectSerializer
    queryset = Subject.objects.none()
    lookup_field = "number"

    def get_queryset(self) -> QuerySet[Subject]:
        return access.subjects(self.user)

    @extend_schema(request=serializers.NewSubjectSerializer, responses={201: serializers.SubjectSerializer})
    def create(self, request: Request) -> Response:
        """Screen a new subject; the number is the trial's next."""
        asked = serializers.NewSubjectSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        access.role_anywhere(self.user, P.ENROL)
        site = access.get_site(self.user, asked.validated_data["site"], P.ENROL)
        subject = actions.screen_subject(site=site, by=self.user)
        return Response(self.get_serializer(subject).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=signing.SignManySerializer, responses={201: signing.SignatureSerializer})
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, number: str) -> Response:
        """Sign all entered forms of the subject, or of one visit, in the versions that you saw."""
        target: Subject | Visit = access.get_subject(self.user, number)
        if code := answers.text("visit", answers.body(request.data).get("visit") or ""):
            target = access.get_visit(self.user, number, code)
        return signing.sign(request, self.user, target, signing.versions(request))


class FormViewSet(SignedIn):
    """Base of the derived endpoints of one CRF."""

    spec: CrfSpec
    lookup_value_regex = NUMBER

    def get_queryset(self) -> QuerySet[Any]:
        records = access.forms(self.user).filter(crf_code=self.spec.code)
        rows = self.spec.model.objects.filter(record__in=records)
        return rows.select_related("record__subject", "record__site", "record__visit").order_by("record_id")

    def list(self, request: Request) -> Response:
        """All records of this CRF at your sites, deleted ones marked."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: int) -> Response:
        """One record; its version is the ETag."""
        return self._answer(self._row(pk))

    @extend_schema(parameters=[REASON, ONCE])
    def create(self, request: Request) -> Response:
        """Enter a new record of a subject, at a visit or as the next row of a log. X-Reason says why so late, if it
        is long after the visit's window."""
        data = answers.body(request.data)
        values, missing_codes = answers.values(self.spec, data), answers.missing_codes(data)
        subject = access.get_subject(self.user, str(data.get("subject", "")))
        record = actions.new_record(subject=subject, crf_code=self.spec.code, visit=self._visit(subject, data))
        saved = actions.save_form(
            record=record,
            values=values,
            missing_codes=missing_codes,
            by=self.user,
            reason=_reason(request),
            expected_version=0,
            submission=_submission(request),
        )
        code = status.HTTP_200_OK if saved.saved_before_at else status.HTTP_201_CREATED
        return self._answer(self._row(saved.record.pk), code, saved)

    @extend_schema(parameters=[REASON, VERSION, ONCE])
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change the answers that are named. Needs If-Match, and as soon as a saved answer changes a reason: X-Reason
        for all, `reasons` where items have their own."""
        record = self._record(pk)
        version, data = _version(request), answers.body(request.data)
        saved = actions.save_form(
            record=record,
            expected_version=version,
            values=answers.values(self.spec, data),
            missing_codes=answers.missing_codes(data),
            by=self.user,
            reason=_reason(request),
            reasons=answers.reasons(data),
            submission=_submission(request),
        )
        return self._answer(self._row(saved.record.pk), saved=saved)

    @extend_schema(parameters=[REASON], responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Mark a record deleted, with X-Reason. It stays in the history."""
        actions.delete_form(record=self._record(pk), by=self.user, reason=_reason(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=signing.SignSerializer, responses={201: signing.SignatureSerializer}, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: int) -> Response:
        """Sign a record, with your password. Needs If-Match: what is signed is what you saw."""
        record = self._record(pk)
        return signing.sign(request, self.user, record, {record.pk: _version(request)})

    def _record(self, pk: int) -> FormRecord:
        record = access.get_form(self.user, pk)
        if record.crf_code != self.spec.code:
            raise Http404
        return record

    def _row(self, pk: int) -> Any:
        row = self.get_queryset().filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def _visit(self, subject: Subject, data: dict[str, Any]) -> Any:
        code = data.get("visit")
        if code is None and self.spec.log:
            return None
        visit = next((planned for planned in subject.visits.all() if planned.code == code), None)
        if visit is None or self.spec.code not in protocol.get().visit(visit.code).forms:
            raise ValidationError({"visit": [f"{self.spec.title} is not asked at the visit “{code}”."]})
        return visit

    def _answer(self, row: Any, code: int = status.HTTP_200_OK, saved: Any = None) -> Response:
        body = dict(self.get_serializer(row).data)
        if saved is not None:
            if saved.saved_before_at:
                body["saved_before_at"] = saved.saved_before_at
            body["findings"] = [
                {"code": f.code, "item": f.item, "message": f.message} for f in saved.findings if f.record_id == row.pk
            ]
        return Response(body, status=code, headers={"ETag": f'"{row.record.version}"'})


def _version(request: Request) -> int:
    """The version that the caller has seen: a number, bare or quoted like any entity tag."""
    version = request.headers.get("If-Match", "").strip('"')
    if not re.fullmatch("[0-9]{1,9}", version):
        raise VersionNeeded
    return int(version)


def _submission(request: Request) -> UUID | None:
    key = request.headers.get("Idempotency-Key", "")
    try:
        return UUID(key) if key else None
    except ValueError:
        raise ValidationError({"Idempotency-Key": [f"“{key}” is no UUID."]}) from None


def _reason(request: Request) -> str:
    """X-Reason. Headers are read as Latin-1; what a client sent as UTF-8 is read as that."""
    reason = request.headers.get("X-Reason", "")
    with suppress(UnicodeError):
        reason = reason.encode("latin-1").decode("utf-8")
    return answers.text("X-Reason", reason)


def form_viewset(spec: CrfSpec) -> type[FormViewSet]:
    """The endpoints of one CRF."""
    serializer = serializers.record_serializer(spec)
    viewset: type[FormViewSet] = type(
        f"{spec.model.__name__}ViewSet",
        (FormViewSet,),
        {"spec": spec, "serializer_class": serializer, "queryset": spec.model.objects.none()},
    )
    steps = ("list", "retrieve", "create", "partial_update", "destroy", "sign")
    tagged = {step: extend_schema(tags=[spec.code]) for step in steps}
    return extend_schema_view(**tagged)(viewset)


class QueryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, SignedIn):
    """Queries of your sites."""

    serializer_class = serializers.QuerySerializer
    queryset = Query.objects.none()
    lookup_value_regex = NUMBER

    def get_queryset(self) -> QuerySet[Query]:
        return access.queries(self.user).select_related("subject", "record", "visit").order_by("id")

    @extend_schema(request=serializers.NewQuerySerializer, responses={201: serializers.QuerySerializer})
    def create(self, request: Request) -> Response:
        """Ask about a form (item "": as a whole), a visit, or a form that is missing at a visit."""
        asked = serializers.NewQuerySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        query = actions.open_query(target=self._target(given), item=given["item"], text=given["text"], by=self.user)
        return Response(self.get_serializer(query).data, status=status.HTTP_201_CREATED)

    def _target(self, given: Mapping[str, Any]) -> FormRecord | Visit | actions.MissingForm:
        if "record" in given:
            return access.get_form(self.user, given["record"])
        subject = access.get_subject(self.user, given["subject"])
        visit = next((planned for planned in subject.visits.all() if planned.code == given["visit"]), None)
        if visit is None:
            raise ValidationError({"visit": [f"The subject has no visit “{given['visit']}”."]})
        return actions.MissingForm(visit, given["crf_code"]) if given["crf_code"] else visit

    @extend_schema(request=serializers.AnswerSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: int) -> Response:
        """Answer an open query, with a reason of the list; "other" needs words."""
        said = self._said(serializers.AnswerSerializer)
        return self._step(actions.answer_query, pk, text=said["text"], reply=said["reply"])

    @extend_schema(request=serializers.WordsSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: int) -> Response:
        """Close a query: the value is right as it is, or was corrected."""
        return self._step(actions.close_query, pk, **self._said(serializers.WordsSerializer))

    @extend_schema(request=serializers.WordsSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """Ask again."""
        return self._step(actions.reopen_query, pk, **self._said(serializers.WordsSerializer))

    @extend_schema(request=serializers.WordsSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Take back a query that should not have been asked, with the reason."""
        return self._step(actions.cancel_query, pk, **self._said(serializers.WordsSerializer))

    def _said(self, serializer: type[serializers.WordsSerializer]) -> dict[str, Any]:
        said = serializer(data=self.request.data)
        said.is_valid(raise_exception=True)
        return dict(said.validated_data)

    def _step(self, step: Any, pk: int, **words: Any) -> Response:
        query = access.get_query(self.user, pk)
        step(query=query, by=self.user, **words)
        query.refresh_from_db()
        return Response(self.get_serializer(query).data)
