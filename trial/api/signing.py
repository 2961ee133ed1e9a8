"""What signing takes and gives in the API."""

import re
from typing import Any

from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from trial import actions, attestation
from trial.actions.signatures import Target
from trial.api import answers
from trial.models import Signature, User


class SignSerializer(serializers.Serializer):
    """A signature asked for. versions: of a visit or casebook, form record -> the version that the signer saw."""

    password = serializers.CharField(trim_whitespace=False, help_text="Your password, again for each signature")
    meaning = serializers.ChoiceField(choices=list(attestation.MEANINGS.items()), default=attestation.APPROVAL)
    acknowledged = serializers.BooleanField(default=False, help_text=attestation.ACKNOWLEDGEMENT)


class SignManySerializer(SignSerializer):
    visit = serializers.CharField(required=False, help_text="A visit's code; without it, the casebook is signed")
    versions = serializers.DictField(
        child=serializers.IntegerField(), help_text="Form record -> the version that you saw, of every entered form"
    )


class SignatureSerializer(serializers.ModelSerializer):
    """A signature as it was shown: printed name, moment with zone, meaning, statement; and whether it holds."""

    subject: serializers.SlugRelatedField = serializers.SlugRelatedField(slug_field="number", read_only=True)
    site: serializers.SlugRelatedField = serializers.SlugRelatedField(slug_field="number", read_only=True)
    visit: serializers.SlugRelatedField = serializers.SlugRelatedField(slug_field="code", read_only=True)
    forms = serializers.SerializerMethodField()
    void = serializers.SerializerMethodField()

    class Meta:
        model = Signature
        fields = [
            "id", "scope", "subject", "site", "visit", "printed_name", "role", "at", "time_zone", "meaning",
            "statement", "statement_version", "forms", "void",
        ]  # fmt: skip

    def get_forms(self, signature: Signature) -> list[dict[str, Any]]:
        return [
            {"record": form.record_id, "version": form.version, "sha256": form.sha256} for form in signature.forms.all()
        ]

    def get_void(self, signature: Signature) -> dict[str, Any] | None:
        if not hasattr(signature, "void"):
            return None
        void = signature.void
        if void.record_id not in {form.record_id for form in signature.forms.all()}:  # not a form of this reader's
            return {"at": void.at}
        return {
            "at": void.at,
            "by": void.by.full_name,
            "role": void.role,
            "reason": void.reason,
            "record": void.record_id,
            "items": void.items,
        }


def sign(request: Request, user: User, target: Target, expected: dict[int, int]) -> Response:
    """Sign what the request asks for. Raises ValidationError, and what `actions.sign` raises."""
    asked = SignSerializer(data=answers.body(request.data))
    asked.is_valid(raise_exception=True)
    given = asked.validated_data
    signature = actions.sign(
        target=target,
        by=user,
        password=answers.text("password", given["password"]),
        meaning=given["meaning"],
        acknowledged=given["acknowledged"],
        expected=expected,
        request=request._request,
    )
    return Response(SignatureSerializer(signature).data, status=status.HTTP_201_CREATED)


def versions(request: Request) -> dict[int, int]:
    """What the signer of a visit or a casebook saw. Raises ValidationError."""
    given = answers.body(request.data).get("versions")
    if not isinstance(given, dict) or not all(_is_pair(record, version) for record, version in given.items()):
        raise ValidationError({"versions": ["Send an object: the id of each form record and the version you saw."]})
    return {int(record): version for record, version in given.items()}


def _is_pair(record: str, version: Any) -> bool:
    return bool(re.fullmatch("[0-9]{1,18}", record)) and isinstance(version, int) and not isinstance(version, bool)
