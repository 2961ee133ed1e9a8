"""Notes which test showed which requirement, and how it ended: what `manage.py trace` prints.

Loaded with `-p tests.requirements_plugin` and told where to write by the variable TRACE_RESULT.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

PROPERTY = "requirement"


class Trace:
    """Collects reports, those of xdist's workers too."""

    def __init__(self, result: Path) -> None:
        self.result = result
        self.rows: dict[str, dict[str, Any]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for marker in item.iter_markers(PROPERTY):
                item.user_properties.append((PROPERTY, marker.args[0]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        codes = sorted({str(value) for name, value in report.user_properties if name == PROPERTY})
        if not codes:
            return
        row = self.rows.setdefault(report.nodeid, {"requirements": codes, "outcome": "passed"})
        if report.outcome != "passed":
            row["outcome"] = report.outcome

    def pytest_sessionfinish(self) -> None:
        self.result.write_text(json.dumps(self.rows))


def pytest_configure(config: pytest.Config) -> None:
    if "TRACE_RESULT" in os.environ:
        is_worker = hasattr(config, "workerinput")
        result = Path(os.devnull if is_worker else os.environ["TRACE_RESULT"])
        config.pluginmanager.register(Trace(result), "requirement-trace")
