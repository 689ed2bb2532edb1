"""Parse table mappings, which select the tables that a task replicates.

Source: AWS DMS user guide, "Selection rules and actions". Exclusion wins over inclusion; `explicit` names one table as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

_ACTIONS = ("include", "exclude", "explicit")


class BadMappings(ValueError):
    """The text is not a valid set of table mappings. The message gives the reason."""


class Unsupported(ValueError):
    """DMS supports this, the rehearsal does not."""


@dataclass(frozen=True)
class Rule:
    """A selection rule. Names are patterns with `%`, but for the action `explicit`."""

    id: str
    schema: str
    table: str
    action: str

    def is_matching(self, schema: str, table: str) -> bool:
        """Return whether the rule applies to a table."""
        if self.action == "explicit":
            return (schema, table) == (self.schema, self.table)
        return bool(_compile_pattern(self.schema).fullmatch(schema) and _compile_pattern(self.table).fullmatch(table))


@dataclass(frozen=True)
class Mappings:
    """The table mappings of a task."""

    rules: tuple[Rule, ...]

    @classmethod
    def parse(cls, text: str) -> Mappings:
        """Parse the JSON of table mappings. Raises BadMappings, or Unsupported for rules other than plain selection rules."""
        try:
            found = json.loads(text)["rules"]
        except (ValueError, KeyError, TypeError):
            raise BadMappings('Invalid table mappings document: expected {"rules": […]}') from None
        rules = tuple(_parse_rule(one) for one in _list(found))
        if not any(rule.action != "exclude" for rule in rules):
            raise BadMappings("No selection rule includes a table: at least one is needed")
        if len({rule.id for rule in rules}) < len(rules):
            raise BadMappings("Duplicate rule-id in the table mappings")
        return cls(rules)

    def is_selected(self, schema: str, table: str) -> bool:
        """Return whether a table is replicated."""
        hits = {rule.action for rule in self.rules if rule.is_matching(schema, table)}
        return bool(hits) and "exclude" not in hits

    def select(self, tables: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the tables that are replicated."""
        return [name for name in tables if self.is_selected(*name)]


def _list(found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadMappings("Invalid table mappings document: rules must be a list of objects")
    return found


def _parse_rule(raw: dict[str, Any]) -> Rule:
    kind = raw.get("rule-type")
    if kind in ("transformation", "table-settings"):
        raise Unsupported(f"table mappings with a rule of type {kind}")
    if kind != "selection":
        raise BadMappings(f"Unknown rule-type {kind!r} in the table mappings")
    if raw.get("filters"):
        raise Unsupported("table mappings with source filters")
    where, action = raw.get("object-locator"), raw.get("rule-action")
    if not isinstance(where, dict) or not where.get("schema-name") or not where.get("table-name"):
        raise BadMappings("A selection rule needs an object-locator with schema-name and table-name")
    if where.get("table-type", "table") != "table":
        raise Unsupported("table mappings for views")
    if action not in _ACTIONS:
        raise BadMappings(f"Unknown rule-action {action!r} in the table mappings")
    return Rule(str(raw.get("rule-id", "")), str(where["schema-name"]), str(where["table-name"]), str(action))


@cache
def _compile_pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern of DMS: `%` matches any text, `_` one character, `[_]` an underscore (source: the user guide of DMS)."""
    parts = re.split(r"(%|\[_\]|_)", text)
    wild = {"%": ".*", "[_]": "_", "_": "."}
    return re.compile("".join(wild.get(part, re.escape(part)) for part in parts), re.DOTALL)
