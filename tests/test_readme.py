"""The README tells the truth: its diagram is the transition table, its made-up form needs what it says and no more."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import NoReverseMatch, reverse

from trial import lifecycle

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
COPIED = ("manage.py", "pyproject.toml", "trial", "patients", "safety", "mrd", "reports", "templates", "static")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


def test_diagram_is_the_transition_table() -> None:
    assert block("mermaid").strip() == lifecycle.mermaid(lifecycle.QUERY_STEPS)


@pytest.fixture
def copy_with_made_up_form(tmp_path: Path) -> Path:
    """A copy of the product with the README's diff applied."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "demo"))
        else:
            shutil.copy(source, tmp_path / name)
    shutil.copytree(ROOT / "reports" / "demo", tmp_path / "reports" / "demo", ignore=shutil.ignore_patterns("data"))
    (tmp_path / "new_form.diff").write_text(block("diff"))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", "--recount", "new_form.diff"], cwd=tmp_path, check=True)
    return tmp_path


def manage(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


ASK = """
from django.urls import NoReverseMatch, reverse
from trial import database
from trial.crf import registry
from trial.models import item_fields
spec = registry.get("pain")
print([field.name for field in item_fields(spec.model)])
print(reverse("api-pain-list"))
print(spec.model in database.tracked_models(), spec.model in database.locked_models())
print(database.table_classes()[spec.model._meta.db_table].name)
"""


def test_a_new_form_costs_one_file_one_line_and_its_migration(copy_with_made_up_form: Path, db: None) -> None:
    made = manage(copy_with_made_up_form, "makemigrations", "patients", "--name", "pain")
    assert "Create model Pain" in made
    assert "Create model PainHistory" in made
    migrations = sorted(path.name for path in (copy_with_made_up_form / "patients" / "migrations").glob("0*.py"))
    assert migrations[-1].endswith("_pain.py")
    assert manage(copy_with_made_up_form, "makemigrations", "--check", "--dry-run").strip() == "No changes detected"
    told = manage(copy_with_made_up_form, "shell", "--no-imports", "-c", ASK).splitlines()
    assert told == ["['paindat', 'flacc', 'analgesic']", "/api/v1/forms/pain/", "True True", "CLINICAL"]


def test_the_made_up_form_is_not_part_of_the_product() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("api-pain-list")
