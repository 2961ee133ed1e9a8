"""Paper: a typst source and data become a PDF. Nothing of the data is read as markup."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def pdf(source: Path, data: dict[str, Any], *, at: datetime) -> bytes:
    """The PDF/UA-1 that `source` sets of `data`, which it reads as the JSON text of its input `data`.

    at: the creation date that the file names. Equal inputs give equal bytes.
    """
    import typst

    return typst.compile(
        str(source),
        font_paths=fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True)},
        pdf_standards=["ua-1"],
        timestamp=at,
        format="pdf",
    )


@cache
def fonts() -> Any:
    """The faces of matplotlib's wheel and of typst itself; none of the machine, which would change the bytes."""
    import typst

    matplotlib = find_spec("matplotlib")
    if matplotlib is None or matplotlib.origin is None:
        raise RuntimeError("The fonts of what is printed come with matplotlib, which is not installed.")
    folder = Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf"
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder)])
