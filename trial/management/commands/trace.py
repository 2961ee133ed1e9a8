"""Requirement -> tests -> result, from the markers of the tests themselves (VA-02)."""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

# What must be shown by at least one passing test.
REQUIRED = (
    "AT-01", "AT-02", "AT-03", "AT-04", "AT-05", "AT-06", "AT-09", "AC-01", "AC-02", "AC-03", "AC-05", "DE-01", "DE-02",
    "DE-03", "DE-06", "DE-10", "VA-01", "VA-06", "CT-02", "CT-04", "CT-06",
    "AT-10", "AT-11", "AT-12", "AT-14", "ES-01", "ES-02", "ES-03", "ES-04", "ES-05", "ES-06", "ES-07", "ES-08", "AC-04",
    "AC-09", "DE-04", "DE-05", "DE-07", "DE-12", "IC-01", "VA-05", "DP-01", "DP-04",
)  # fmt: skip
SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CRADLE_HOME", "CRADLE_LOCAL", "SECRET_KEY")

Results = dict[str, dict[str, str]]


class Command(BaseCommand):
    help = "Run the tests that show a requirement; print requirement, tests, result. Fails if one is not shown."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tests", default="tests", help="where to look for tests (default: all)")
        parser.add_argument("--workers", default="2", help="tests at once (default: 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        results = by_requirement(run_marked_tests(options["tests"], options["workers"]))
        for code, tests in sorted(results.items()):
            self.stdout.write(line(code, tests))
            for test, outcome in sorted(tests.items()):
                self.stdout.write(f"    {outcome:7} {test}")
        if missing := not_shown(results):
            raise CommandError(f"No passing test, or a failing one, for: {', '.join(missing)}.")
        self.stdout.write(f"All {len(REQUIRED)} requirements are shown by passing tests.")


def run_marked_tests(where: str, workers: str) -> dict[str, Any]:
    """Test -> its requirements and outcome. Raises CommandError if the tests could not run at all."""
    with tempfile.TemporaryDirectory(prefix="cradle-trace-") as folder:
        result = Path(folder) / "trace.json"
        command = [sys.executable, "-m", "pytest", "-m", "requirement", "-p", "tests.requirements_plugin", "-q"]
        run = subprocess.run(
            [*command, "-n", workers, where],
            cwd=settings.BASE_DIR,
            env=test_environment() | {"TRACE_RESULT": str(result)},
            capture_output=True,
            text=True,
            check=False,
        )
        if not result.exists():
            raise CommandError(f"The tests did not run:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
        return json.loads(result.read_text())


def test_environment() -> dict[str, str]:
    """The tests start servers of their own, unless the caller named some that are not this desk's."""
    if os.environ.get("CRADLE_LOCAL") != "1":
        return dict(os.environ)
    return {name: value for name, value in os.environ.items() if name not in SERVERS}


def by_requirement(rows: dict[str, Any]) -> Results:
    results: Results = defaultdict(dict)
    for test, row in rows.items():
        for code in row["requirements"]:
            results[code][test] = row["outcome"]
    return results


def line(code: str, tests: dict[str, str]) -> str:
    return f"{code}  {'passed' if is_shown(tests) else 'NOT SHOWN'}  ({len(tests)} tests)"


def is_shown(tests: dict[str, str]) -> bool:
    """At least one test, and all of them passed."""
    return bool(tests) and set(tests.values()) == {"passed"}


def not_shown(results: Results) -> list[str]:
    required = {code for code in REQUIRED if not is_shown(results.get(code, {}))}
    return sorted(required | {code for code, tests in results.items() if not is_shown(tests)})
