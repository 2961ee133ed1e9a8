"""Everything after the snapshot is pure: no Django, and no heavy library before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PURE = [
    "reports.snapshot",
    "reports.results",
    "reports.tables",
    *sorted(f"reports.derivations.{path.stem}" for path in (ROOT / "reports/derivations").glob("[a-z]*.py")),
]
HEAVY = {"django", "lifelines", "statsmodels", "scipy", "pandas", "matplotlib"}


def test_snapshot_results_and_tables_load_neither_django_nor_a_heavy_library() -> None:
    imports = "\n".join(f"import {module}" for module in PURE)
    asked = f"import sys\n{imports}\nprint(*sorted({HEAVY!r} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""
