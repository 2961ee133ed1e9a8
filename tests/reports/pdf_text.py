"""The text of a PDF's pages, by its fonts' own maps to Unicode: a small reader on pikepdf, apart from the writer."""

from __future__ import annotations

import io
import re
from typing import Any

import pikepdf

_CHARACTER = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>")
_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


def pages_of(content: bytes) -> list[str]:
    """Each page's text in the order of drawing, pieces apart by spaces; forms (figures) within it."""
    with pikepdf.open(io.BytesIO(content)) as file:
        return [" ".join("".join(_texts(page.obj)).split()) for page in file.pages]


def _texts(holder: Any) -> list[str]:
    resources = holder.get("/Resources", {})
    fonts = {name: _letters(font) for name, font in resources.get("/Font", {}).items()}
    forms = dict(resources.get("/XObject", {}).items())
    found: list[str] = []
    letters: dict[int, str] = {}
    line: Any = None
    for instruction in pikepdf.parse_content_stream(holder):
        name = str(instruction.operator)
        operands: Any = instruction.operands
        if name == "Tf":
            letters = fonts[str(operands[0])]
        elif name == "Tm":
            # Another line, or a jump on it, parts words
            if line is not None and line != operands[5]:
                found.append(" ")
            line = operands[5]
        elif name == "Td":
            found.append(" ")
        elif name == "ET":
            found.append(" ")
            line = None
        elif name == "Tj":
            found.append(_read(operands[0], letters))
        elif name == "TJ":
            found += [_read(part, letters) for part in operands[0] if isinstance(part, pikepdf.String)]
        elif name == "Do" and forms[str(operands[0])].get("/Subtype") == "/Form":
            found += _texts(forms[str(operands[0])])
    return found


def _read(text: Any, letters: dict[int, str]) -> str:
    codes = bytes(text)
    return "".join(letters.get(int.from_bytes(codes[at : at + 2]), "") for at in range(0, len(codes), 2))


def _letters(font: Any) -> dict[int, str]:
    """Glyph code -> text, from the font's ToUnicode map."""
    found: dict[int, str] = {}
    for kind, body in _BLOCK.findall(font.ToUnicode.read_bytes()):
        if kind == b"bfchar":
            found |= {int(code, 16): _decoded(text) for code, text in _CHARACTER.findall(body)}
            continue
        for first, last, text in _RANGE.findall(body):
            start = ord(_decoded(text))
            found |= {code: chr(start + code - int(first, 16)) for code in range(int(first, 16), int(last, 16) + 1)}
    return found


def _decoded(text: bytes) -> str:
    return bytes.fromhex(text.decode()).decode("utf-16-be")
