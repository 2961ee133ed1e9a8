"""Answers that end points are made of and that are blank on forms that were entered."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse

from trial import access, protocol
from trial.crf import registry
from trial.crf.spec import CrfSpec
from trial.models import User
from trial.permissions import Permission as P
from trial.worklists.lists import Line, Narrow, Source, WorkList, days_waited

# An answer with a missing code has been accounted for; one that the other answers do not ask for is not missing.
_BLANK = """
SELECT r.id, s.number AS number, site.number AS site, r.crf_code, v.code AS visit, r.updated_at, blank.items
FROM "{table}" t
CROSS JOIN LATERAL (SELECT array_remove(ARRAY[{items}]::text[], NULL) AS items) blank
JOIN trial_formrecord r ON r.id = t.record_id JOIN trial_subject s ON s.id = r.subject_id
JOIN trial_site site ON site.id = r.site_id LEFT JOIN trial_visit v ON v.id = r.visit_id
WHERE ({any_blank}) AND cardinality(blank.items) > 0 AND r.deleted_at IS NULL
  AND site.number LIKE %s AND strpos(upper(s.number), upper(%s)) > 0
"""
_COUNT = "SELECT count(*) FROM ({blank}) b"
_PAGE = "SELECT * FROM ({blank}) b ORDER BY updated_at, id LIMIT %s OFFSET %s"


@dataclass(frozen=True)
class _Blank:
    narrow: Narrow

    def count(self) -> int:
        sql, given = self._sql()
        return int(_fetch(_COUNT.format(blank=sql), given)[0][0]) if sql else 0

    def lines(self, start: int, stop: int) -> list[Line]:
        sql, given = self._sql()
        found = _fetch(_PAGE.format(blank=sql), [*given, stop - start, start]) if sql else []
        return [_line(*row) for row in found]

    def _sql(self) -> tuple[str, list[Any]]:
        parts, given = [], []
        for code, names in protocol.get().end_points.items():
            spec = registry.get(code)
            items, values = _items(spec, names)
            blank = " OR ".join(f't."{_column(spec, name)}" IS NULL' for name in names)
            parts.append(_BLANK.format(table=spec.model._meta.db_table, items=items, any_blank=blank))
            given += [*values, self.narrow.site or "%", self.narrow.number]
        return " UNION ALL ".join(parts), given


def _items(spec: CrfSpec, names: Iterable[str]) -> tuple[str, list[Any]]:
    """SQL for the names of those items that are blank though asked, NULL in the place of the others."""
    parts: list[str] = []
    given: list[Any] = []
    for item in map(spec.item, names):
        asked = f'AND t."{_column(spec, item.only_if[0])}"::text = ANY(%s)' if item.only_if else ""
        answers = [[str(answer) for answer in item.only_if[1]]] if item.only_if else []
        parts.append(f'CASE WHEN t."{_column(spec, item.name)}" IS NULL AND NOT t.missing ? %s {asked} THEN %s END')
        given += [item.name, *answers, item.name]
    return ", ".join(parts), given


def _column(spec: CrfSpec, name: str) -> str:
    return str(spec.model._meta.get_field(name).column)


def _fetch(sql: str, given: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def _line(pk: int, number: str, site: str, code: str, visit: str | None, since: Any, items: list[str]) -> Line:
    spec = registry.get(code)
    labels = ", ".join(spec.item(item).label for item in items)
    at = f", {protocol.get().visit(visit).label}" if visit else ""
    return Line(
        url=reverse("form", args=[pk]),
        text=f"{number}: {spec.title}{at}: {labels}",
        status="in_progress",
        word="Blank",
        waited=days_waited(since),
        subject=number,
        site=site,
        since=since.date(),
    )


def missing_end_points(user: User, narrow: Narrow) -> Source | None:
    """For those who see every form of every site."""
    sees_all = access.may_anywhere(user, P.CLOSE_ANY_QUERY) and access.visible_crfs(user) is None
    return _Blank(narrow) if sees_all else None


LISTS = (
    WorkList(
        slug="missing-end-points",
        title="Missing end-point data",
        empty_text="No answer that an end point is made of is blank.",
        find=missing_end_points,
    ),
)
