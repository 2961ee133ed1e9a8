"""Every URL that the resolver knows, with the methods that it answers."""

import inspect
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def all_urls() -> Iterator[tuple[str, str]]:
    """(method, URL name). A view that does not say its methods is asked with GET and POST."""
    for pattern in _patterns(get_resolver().url_patterns):
        if not pattern.name:
            raise LookupError(f"The URL {pattern.pattern} has no name; the access matrix cannot name it.")
        for method in methods(pattern.callback):
            yield method, pattern.name


def _patterns(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


def methods(view: Any) -> list[str]:
    if actions := getattr(view, "actions", None):  # an API view set
        return [method for method in METHODS if method.lower() in actions]
    if view_class := getattr(view, "view_class", None) or getattr(view, "cls", None):
        known = [name.upper() for name in view_class.http_method_names if hasattr(view_class, name)]
        return [method for method in METHODS if method in known]
    declared = inspect.getclosurevars(view).nonlocals.get("request_method_list", ("GET", "POST"))
    return [method for method in METHODS if method in declared]
