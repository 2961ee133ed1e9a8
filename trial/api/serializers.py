"""Serializers derived from the CRFs: what a form record looks like in the API. Writing goes through actions alone."""

from typing import Any

from django.db import models
from rest_framework import serializers

from trial import replies
from trial.crf.spec import CrfSpec
from trial.models import Query, Subject, item_fields


class SubjectSerializer(serializers.ModelSerializer):
    site: serializers.SlugRelatedField = serializers.SlugRelatedField(slug_field="number", read_only=True)

    class Meta:
        model = Subject
        fields = ["number", "site", "state", "entered_on", "synthetic"]


class NewSubjectSerializer(serializers.Serializer):
    site = serializers.CharField(help_text="Number of the site")


class QuerySerializer(serializers.ModelSerializer):
    subject: serializers.SlugRelatedField = serializers.SlugRelatedField(slug_field="number", read_only=True)
    visit = serializers.SerializerMethodField(help_text="Of a query on a visit, or on a form that is missing there")

    class Meta:
        model = Query
        fields = [
            "id",
            "subject",
            "record",
            "visit",
            "crf_code",
            "item",
            "check_code",
            "text",
            "state",
            "confirmed",
            "opened_at",
            "opened_role",
            "answered_at",
            "reopened",
            "closed_at",
        ]

    def get_visit(self, query: Query) -> str | None:
        return query.visit.code if query.visit is not None else None


class NewQuerySerializer(serializers.Serializer):
    """On a form, with or without an item; or on a visit of a subject, or on a form that is missing there."""

    record = serializers.IntegerField(required=False, help_text="The form; without it, subject and visit are asked")
    item = serializers.CharField(required=False, allow_blank=True, default="")
    subject = serializers.CharField(required=False, help_text="Number of the subject")
    visit = serializers.CharField(required=False)
    crf_code = serializers.CharField(required=False, allow_blank=True, default="", help_text="The missing form")
    text = serializers.CharField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "record" not in attrs and not ("subject" in attrs and "visit" in attrs):
            raise serializers.ValidationError("Name the record, or the subject and its visit.")
        return attrs


class WordsSerializer(serializers.Serializer):
    text = serializers.CharField(required=False, allow_blank=True, default="")


class AnswerSerializer(WordsSerializer):
    reply = serializers.ChoiceField(choices=list(replies.REPLIES.items()), required=False, default=replies.OTHER)


class RecordSerializer(serializers.Serializer):
    """The spine of every form record; derived serializers add the CRF's items."""

    id = serializers.IntegerField(source="record_id", read_only=True)
    subject = serializers.CharField(source="record.subject.number", help_text="Number of the subject")
    site = serializers.CharField(source="record.site.number", read_only=True)
    visit = serializers.CharField(source="record.visit.code", allow_null=True, required=False)
    sequence = serializers.IntegerField(source="record.sequence", read_only=True)
    state = serializers.CharField(source="record.state", read_only=True)
    version = serializers.IntegerField(source="record.version", read_only=True)
    deleted = serializers.SerializerMethodField()
    missing = serializers.JSONField(required=False, help_text='item -> {"code": "ND", "reason": "..."}')
    reasons = serializers.JSONField(
        required=False, write_only=True, help_text="item -> why it changes, where X-Reason does not say it"
    )

    def get_deleted(self, row: Any) -> bool:
        return row.record.deleted_at is not None


def record_serializer(spec: CrfSpec) -> type[RecordSerializer]:
    """The serializer of one CRF: the spine and its items, typed, with label and unit as description."""
    items = {field.name: _field(field, spec) for field in item_fields(spec.model)}
    return type(f"{spec.model.__name__}Serializer", (RecordSerializer,), items)


def _field(field: Any, spec: CrfSpec) -> serializers.Field:
    item = spec.item(field.name)
    words = f"{item.label}, {item.unit}" if item.unit else item.label
    common: dict[str, Any] = {"required": False, "allow_null": True, "help_text": words}
    if isinstance(field, models.ForeignKey):
        return serializers.IntegerField(source=field.attname, **common)
    if field.choices:
        return serializers.ChoiceField(choices=field.choices, **common)
    if isinstance(field, models.DateTimeField):
        return serializers.DateTimeField(default_timezone=None, **common)
    if isinstance(field, models.DateField):
        return serializers.DateField(**common)
    if isinstance(field, models.DecimalField):
        return serializers.DecimalField(max_digits=field.max_digits, decimal_places=field.decimal_places, **common)
    if isinstance(field, models.IntegerField):
        return serializers.IntegerField(**common)
    return serializers.CharField(**common)
