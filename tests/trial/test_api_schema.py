"""The API describes itself, rightly: no warning, a page that the content security policy lets run, no error of ours."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given, settings, strategies
from hypothesis.errors import Unsatisfiable
from rest_framework.authtoken.models import Token
from schemathesis import GenerationMode

from trial.models import FormRecord, User

pytestmark = pytest.mark.django_db


def test_the_description_is_valid_and_says_it_without_a_warning() -> None:
    GENERATOR_STATS.reset()
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    assert [dict(messages) for messages in (GENERATOR_STATS._error_cache, GENERATOR_STATS._warn_cache)] == [{}, {}]


def test_each_item_says_its_label_and_unit() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    assert schema["components"]["schemas"]["VitalSigns"]["properties"]["temp"]["description"] == "Temperature, °C"


def test_the_page_of_the_api_runs_under_the_content_security_policy(coordinator: User) -> None:
    client = Client()
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/api/v1/docs/")
    page = answer.content.decode()
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page) == []
    assert "<style" not in page
    assert re.findall(r'(?:src|href)="(?!/)[^"]*"', page) == []
    script = next(src for src in re.findall(r'<script[^>]*src="([^"]+)"', page) if src.startswith("/api/"))
    assert client.get(script).status_code == 200


FEW = settings(
    max_examples=3,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def described(db: None) -> Iterator[Any]:
    """The API as its own description has it, asked in this process."""
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    schema.app = get_wsgi_application()
    ends = (signals.request_started, signals.request_finished)
    for signal in ends:  # the end of a request would close the test's own connection, as it would within any test
        signal.disconnect(close_old_connections)
    yield schema
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as described", "otherwise"])
def test_no_request_whatsoever_is_an_error_of_ours(
    described: Any, vital_signs: FormRecord, coordinator: User, mode: GenerationMode
) -> None:
    headers = {"Authorization": f"Token {Token.objects.create(user=coordinator).key}"}
    failed = []

    @FEW
    @given(data=strategies.data())
    def ask(operation: Any, data: Any) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        case.path_parameters = dict.fromkeys(case.path_parameters or {}, vital_signs.pk)
        with transaction.atomic():
            answer = case.call(headers=headers)
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            failed.append(case.as_curl_command())

    for found in described.get_all_operations():
        with suppress(Unsatisfiable):  # an operation that takes nothing cannot be asked otherwise
            ask(found.ok())
    assert failed == []
