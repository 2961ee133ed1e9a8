from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import reports.stats

MODULES = sorted(path.stem for path in Path(reports.stats.__path__[0]).glob("*.py") if path.stem != "__init__")
HEAVY = {"django", "lifelines", "statsmodels", "scipy", "pandas", "matplotlib"}


def test_statistics_load_neither_django_nor_a_heavy_library() -> None:
    imports = "\n".join(f"import reports.stats.{module}" for module in MODULES)
    asked = f"import sys\n{imports}\nprint(*sorted({HEAVY!r} & set(sys.modules)))"
    root = Path(reports.stats.__path__[0]).parents[1]
    loaded = subprocess.run([sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""
    assert {"survival", "cox", "competing", "proportions", "matched", "boundary", "rounding"} <= set(MODULES)
