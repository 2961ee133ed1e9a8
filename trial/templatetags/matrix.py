"""The cells of a matrix. In Python, not in a template: a page of the study matrix has well over a thousand of them."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

Cell = Mapping[str, Any]


@register.simple_tag
def matrix_cells(cells: Iterable[Cell | None]) -> SafeString:
    """One row's cells: {url, status, word, second, count}, or None where nothing is asked."""
    return mark_safe("".join(map(_cell, cells)))  # noqa: S308  every part is escaped below


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "<td></td>"
    glyphs = _glyphs(cell["status"], cell.get("second", ""))
    count = "" if cell.get("count") is None else f"<b>{int(cell['count'])}</b>"
    word, kind = escape(cell["word"]), escape(cell["status"])
    if cell["url"]:
        link = f'class="cell is-{kind}" href="{escape(cell["url"])}" aria-label="{word}"'
        return f"<td><a {link}>{glyphs}{count}</a></td>"
    what = f'class="cell is-{kind}" role="img" aria-label="{word}" title="{word}"'
    return f"<td><span {what}>{glyphs}{count}</span></td>"


@lru_cache(maxsize=256)
def _glyphs(status: str, second: str) -> str:
    sprite = static("img/status.svg")
    shown = f'<svg width="16" height="16"><use href="{sprite}#{escape(status)}"/></svg>'
    if second:
        shown += (
            f'<svg class="second is-{escape(second)}" width="10" height="10" viewBox="0 0 16 16">'
            f'<use href="{sprite}#{escape(second)}"/></svg>'
        )
    return shown
