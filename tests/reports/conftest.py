from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def reports_dir(tmp_path: Path, settings: Any) -> Path:
    """Each test of reports has a folder of its own for them."""
    folder = tmp_path / "reports"
    settings.REPORTS_DIR = folder
    return folder
