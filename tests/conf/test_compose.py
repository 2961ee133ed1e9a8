"""docker-compose.yml and its Dockerfile, read by a parser: no engine runs here."""

import re
import shlex
import string
from pathlib import Path
from typing import Any

import pytest
import yaml
from psycopg.conninfo import conninfo_to_dict

CHECKOUT = Path(__file__).resolve().parents[2]
COMPOSE_TEXT = (CHECKOUT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = ("migrate", "web", "worker", "beat")
DOCKERFILE = CHECKOUT / "trial/conf/Dockerfile"


def instructions(name: str) -> list[list[str]]:
    """The arguments of each instruction of this name, lines that continue joined."""
    lines = DOCKERFILE.read_text().replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith(f"{name} ")]


def test_services_are_those_of_the_design() -> None:
    assert set(SERVICES) == {"database", "queue", *OWN}
    assert SERVICES["database"]["image"] == "postgres:17"


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_what_it_runs_and_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    assert service.get("image")
    if name == "migrate":  # a job: the others wait for its end
        assert service["restart"] == "no"
    else:
        assert service["healthcheck"]["test"]
        assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_servers_wait_for_migrated_database_and_queue(name: str) -> None:
    conditions = {other: wait["condition"] for other, wait in SERVICES[name]["depends_on"].items()}
    assert conditions == {
        "database": "service_healthy",
        "queue": "service_healthy",
        "migrate": "service_completed_successfully",
    }


@pytest.mark.parametrize("name", OWN)
def test_only_the_migration_job_knows_the_owner(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert role(environment["DATABASE_URL"]) == "cradle_app"
    if name == "migrate":
        assert role(environment["DATABASE_OWNER_URL"]) == "cradle_owner"
    else:
        assert "OWNER" not in str(SERVICES[name])
    assert "SUPERUSER" not in str(SERVICES[name])


def role(address: str) -> str:
    parts = conninfo_to_dict(re.sub(r"\$\{\w+:\?\}", "secret", address))
    return str(parts["user"])


@pytest.mark.parametrize("name", OWN)
def test_own_services_get_every_setting_that_production_needs(name: str) -> None:
    settings = {"SECRET_KEY", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DATABASE_URL", "REDIS_URL"}
    assert settings <= SERVICES[name]["environment"].keys()
    assert "CRADLE_LOCAL" not in SERVICES[name]["environment"]


@pytest.mark.parametrize("name", OWN)
def test_own_services_run_the_image_without_privileges(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert (CHECKOUT / service["build"]["context"] / service["build"]["dockerfile"]) == DOCKERFILE


def test_a_missing_setting_stops_the_start() -> None:
    """`${NAME:?}` is refused when empty; only the port has a value of its own."""
    text = "\n".join(line for line in COMPOSE_TEXT.splitlines() if not line.startswith("#"))
    used = set(re.findall(r"(?<!\$)\$\{([^}]*)\}", text))
    assert {name for name in used if not name.endswith(":?")} == {"PORT:-8000"}
    assert not re.search(r"(?<!\$)\$[A-Za-z_]", text), "a variable without braces is not checked"


def test_roles_of_the_database_are_made_as_on_the_desk() -> None:
    script = string.Template(COMPOSE["configs"]["roles"]["content"]).safe_substitute()
    made = re.findall(r"CREATE ROLE (\w+) LOGIN NOSUPERUSER (?:NOCREATEDB )?NOCREATEROLE NOBYPASSRLS", script)
    assert made == ["cradle_owner", "cradle_app"]
    assert "CREATE DATABASE cradle OWNER cradle_owner;" in script
    assert "REVOKE TEMPORARY ON DATABASE cradle FROM PUBLIC;" in script


def test_every_named_volume_is_declared() -> None:
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == set(COMPOSE["volumes"])


def test_image_copies_what_exists() -> None:
    for *sources, _ in instructions("COPY"):
        for source in sources:
            assert (CHECKOUT / source).exists(), source


def test_image_installs_by_hash_and_runs_without_root() -> None:
    (install,) = [run for run in instructions("RUN") if run[:2] == ["pip", "install"]]
    assert "--require-hashes" in install
    assert instructions("USER") == [["10001"]]
    assert instructions("FROM") == [["python:3.11-slim"]]
    assert any("collectstatic" in run for run in instructions("RUN"))
