"""Which collation each column gets on the target, and what there is to report about it. Pure."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from cutover_site.database.collations import counts_trailing_spaces, nearest
from cutover_site.database.description import TableFacts
from cutover_site.database.obstacles import Findings
from cutover_site.database.products import Product

MOST_NAMED = 10


@dataclass
class CollationMap:
    available: Container[str]
    """what the target has"""
    replaced: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    without: dict[str, list[str]] = field(default_factory=dict)

    def of_table(self, place: str, table: TableFacts) -> tuple[dict[str, str], str]:
        """Return the collation of each column that has one, and the table's. One without an equal stays as it is, and is reported."""
        columns = {
            name: self._find(column.collation, f"column {name} of table {place}")
            for name, column in table.columns.items()
            if column.collation
        }
        return columns, self._find(table.collation, f"table {place}")

    def findings(self, target: Product) -> Findings:
        return Findings(
            refused=[
                f"collation {name} of {_listed(places)} has no equal on {target.name}: choose another one on the source"
                for name, places in self.without.items()
            ],
            warnings=[
                f"{target.name} has no collation {name}, {found} is used for {_listed(places)}{_trailing_spaces(name, found)}"
                for (name, found), places in self.replaced.items()
            ],
        )

    def _find(self, name: str, place: str) -> str:
        found = nearest(name, self.available)
        if found is None:
            self.without.setdefault(name, []).append(place)
            return name
        if found != name:
            self.replaced.setdefault((name, found), []).append(place)
        return found


class _OfMySql:
    """MySQL's collations, told from MariaDB's by their names, for a machine that cannot ask the target."""

    def __contains__(self, name: object) -> bool:
        return "uca1400" not in str(name) and "nopad" not in str(name)


OF_MYSQL = _OfMySql()


def _trailing_spaces(name: str, found: str) -> str:
    before, after = counts_trailing_spaces(name), counts_trailing_spaces(found)
    return "" if before == after else f" (trailing spaces {'count' if after else 'do not count'} there)"


def _listed(places: list[str]) -> str:
    more = len(places) - MOST_NAMED
    return ", ".join(places[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
