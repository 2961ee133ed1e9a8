"""The house: pure modules know no Django. (Who may import whom is in pyproject.toml; `make lint` proves it.)"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PURE = {
    "trial": [
        "study_day", "partial_dates", "moments", "checks", "lifecycle", "permissions", "roles", "visit_schedule",
        "subject_data", "reasons", "missing", "identifiers", "protocol", "attestation", "crf.spec", "crf.registry",
    ],
    "patients": ["criteria", "risk", "exposure", "pathway", "protocol"],
    "safety": ["ctcae", "grading", "emergence"],
    "mrd": ["response", "assay"],
    "reports": ["stats"],
}  # fmt: skip

# Each module is imported in a child that has imported nothing else yet.
IMPORT_EACH = """
import importlib, os, sys
for name in sys.argv[1:]:
    child = os.fork()
    if not child:
        importlib.import_module(name)
        os._exit(3 if "django" in sys.modules else 0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        print(name, "imports Django" if code == 3 else "cannot be imported alone")
"""


def modules_of(app: str) -> list[str]:
    found = []
    for name in PURE[app]:
        path = ROOT / app / name.replace(".", "/")
        if path.is_dir():
            found += [f"{app}.{name}.{file.stem}" for file in sorted(path.glob("*.py")) if file.stem != "__init__"]
        else:
            found.append(f"{app}.{name}")
    return found


@pytest.mark.parametrize("app", PURE)
def test_pure_modules_do_not_load_django(app: str) -> None:
    modules = modules_of(app)
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_EACH, *modules], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert modules
    assert run.stdout == "", run.stdout + run.stderr


@pytest.mark.parametrize(
    ("module", "finding"),
    [
        ("django.utils.dates", "imports Django"),
        ("trial.crf.fields", "imports Django"),
        ("no.such.module", "cannot be imported alone"),
        ("trial.study_day", ""),
    ],
)
def test_a_module_that_loads_django_would_be_seen(module: str, finding: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_EACH, module], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == (f"{module} {finding}\n" if finding else "")
