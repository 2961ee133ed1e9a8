"""Makes matplotlib's SVG fit for a page under a strict policy and for paper: one file for both.

A policy without 'unsafe-inline' drops `style` attributes and sheets, and what is left is a black rectangle. The same
things said as presentation attributes are not styles, and every renderer reads them.
"""

from __future__ import annotations

from typing import Any

_SVG = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_PRESENTATION = {
    "clip-rule", "fill", "fill-opacity", "fill-rule", "font-size", "font-style", "font-weight", "opacity", "stroke",
    "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit",
    "stroke-opacity", "stroke-width", "text-anchor", "text-decoration",
}  # fmt: skip
_SAID_ONCE_FOR_ALL = {"font-family", "font-stretch", "font-variant"}

# A page shows its own face; paper has DejaVu Sans alone, in whose measures the figure was drawn.
FACE = "-apple-system, Segoe UI, Roboto, Noto Sans, Liberation Sans, DejaVu Sans, sans-serif"


class UnusableSvg(ValueError):
    """The drawing says something that cannot be kept without styles; the message names it."""


def presentation_only(drawing: bytes, *, prefix: str, title: str, description: str) -> str:
    """The drawing without styles, scripts and metadata; with its title and description inside.

    prefix: begins every id, so that several figures can stand in one page.
    Raises UnusableSvg for a style that is no presentation attribute.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    root = etree.fromstring(drawing, parser)
    for left_out in list(root.iter(f"{{{_SVG}}}style", f"{{{_SVG}}}metadata", f"{{{_SVG}}}script")):
        left_out.getparent().remove(left_out)
    for element in root.iter():
        _style_as_attributes(element)
    _keep_ids_that_are_used(root, prefix)
    root.set("font-family", FACE)
    root.set("stroke-linejoin", "round")
    root.set("stroke-linecap", "butt")
    _describe(root, prefix=prefix, title=title, description=description)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _style_as_attributes(element: Any) -> None:
    for declaration in filter(None, (part.strip() for part in element.attrib.pop("style", "").split(";"))):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name in _PRESENTATION:
            element.set(name, value)
        elif name not in _SAID_ONCE_FOR_ALL:
            raise UnusableSvg(f"The style '{name}' of a figure has no presentation attribute.")
    if "d" in element.attrib:
        element.set("d", " ".join(element.get("d").split()))
    if element.tag != f"{{{_SVG}}}text":
        element.text = None  # line breaks between elements
    element.tail = None


def _keep_ids_that_are_used(root: Any, prefix: str) -> None:
    """Drops ids to which nothing points; the others, and what points to them, begin with the prefix."""
    used = set()
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name in (_LINK, "href") and value.startswith("#"):
                used.add(value[1:])
                del element.attrib[name]
                element.set("href", f"#{prefix}-{value[1:]}")
            elif value.startswith("url(#"):
                used.add(value[5:-1])
                element.set(name, f"url(#{prefix}-{value[5:]}")
    for element in root.iter():
        own = element.attrib.pop("id", None)
        if own in used:
            element.set("id", f"{prefix}-{own}")


def _describe(root: Any, *, prefix: str, title: str, description: str) -> None:
    from lxml import etree

    for position, (name, text) in enumerate((("title", title), ("desc", description))):
        said = etree.Element(f"{{{_SVG}}}{name}", id=f"{prefix}-{name}")
        said.text = text
        root.insert(position, said)
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}-title {prefix}-desc")
