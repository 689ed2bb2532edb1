"""Map the source's collations to the target's, and collect what must be reported about it. Pure."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from cutover_site.database.collations import find_nearest, has_significant_spaces
from cutover_site.database.description import TableFacts
from cutover_site.database.obstacles import Findings
from cutover_site.database.products import Product

MAX_NAMED = 10


@dataclass
class CollationMap:
    """The mapping so far, with the places where a collation was replaced or has no replacement."""

    available: Container[str]
    """the target's collations"""
    replaced: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    unmapped: dict[str, list[str]] = field(default_factory=dict)

    def map_table(self, place: str, table: TableFacts) -> tuple[dict[str, str], str]:
        """Return the target's collation of each column that has one, and of the table. One without a replacement is kept and reported."""
        columns = {
            name: self._find(column.collation, f"column {name} of table {place}")
            for name, column in table.columns.items()
            if column.collation
        }
        return columns, self._find(table.collation, f"table {place}")

    def list_findings(self, target: Product) -> Findings:
        """Return what the target refuses and what it changes."""
        return Findings(
            refused=[
                f"collation {name} of {_join(places)} has no equal on {target.name}: choose another one on the source"
                for name, places in self.unmapped.items()
            ],
            warnings=[
                f"{target.name} has no collation {name}, {found} is used for {_join(places)}{_describe_spaces(name, found)}"
                for (name, found), places in self.replaced.items()
            ],
        )

    def _find(self, name: str, place: str) -> str:
        found = find_nearest(name, self.available)
        if found is None:
            self.unmapped.setdefault(name, []).append(place)
            return name
        if found != name:
            self.replaced.setdefault((name, found), []).append(place)
        return found


class _MysqlCollations:
    """MySQL's collations, recognized by their names, for a machine that cannot reach the target."""

    def __contains__(self, name: object) -> bool:
        return "uca1400" not in str(name) and "nopad" not in str(name)


MYSQL_COLLATIONS = _MysqlCollations()


def _describe_spaces(name: str, found: str) -> str:
    before, after = has_significant_spaces(name), has_significant_spaces(found)
    return "" if before == after else f" (trailing spaces {'count' if after else 'do not count'} there)"


def _join(places: list[str]) -> str:
    more = len(places) - MAX_NAMED
    return ", ".join(places[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
