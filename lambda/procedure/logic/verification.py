"""Compare the digests of source and target. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import StepFailed

NOT_DATA = frozenset({"ok", "seconds", "side", "machine", "schema", "began", "root", "moment"})
"""keys of a result that are not about the data"""
DigestPair = tuple[dict[str, Any], dict[str, Any]]
"""the results of one verb for the source and for the target"""


@dataclass(frozen=True)
class Comparison:
    """The names that are equal on both sides, and those that differ."""

    equal: tuple[str, ...]
    different: Mapping[str, str]
    """name: description of the difference"""

    @property
    def summary(self) -> str:
        """Return the first five differences in one line."""
        shown = [f"{name}: {what}" for name, what in list(self.different.items())[:5]]
        more = len(self.different) - len(shown)
        return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def has_equal_digests(source: Mapping[str, Any], target: Mapping[str, Any]) -> bool:
    """Return whether the digest of all tables shows that no table differs, from the results of `digest-database`.

    False when a side has no digest of all tables: a replica with an older tool returns the lines alone.
    """
    return bool(source.get("digest")) and source["digest"] == target.get("digest") and count_tables(source) > 0


def count_tables(result: Mapping[str, Any]) -> int:
    """Return how many tables one side's `digest-database` has digested."""
    return int(result["count"]) if "count" in result else len(result.get("tables") or ())


def join_pages(result: Mapping[str, Any], pages: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the result of `digest-database` with the lines of all its pages as `tables`. StepFailed unless they are complete."""
    lines = {name: line for page in pages for name, line in page["tables"].items()}
    if len(lines) != count_tables(result):
        raise StepFailed(
            f"the digests of {count_tables(result)} tables were requested, the machine returned {len(lines)}",
            next_action="this is a defect: report it",
        )
    return {**result, "tables": lines}


def compare_tables(source: Mapping[str, Any], target: Mapping[str, Any], *, expected: Iterable[str] = ()) -> Comparison:
    """Compare two results of `digest-database`, with their lines. StepFailed when a side has no table, or not the expected ones."""
    left, right = _require_tables(source, "source"), _require_tables(target, "target")
    for name in expected:
        if name not in left and name not in right:
            raise StepFailed(f"table {name} was not compared")
    equal, different = [], {}
    for name in sorted({*left, *right}):
        a, b = left.get(name), right.get(name)
        if a is None or b is None:
            different[name] = f"only on the {'source' if b is None else 'target'}"
        elif (a["rows"], a["digest"]) == (b["rows"], b["digest"]):
            equal.append(name)
        elif a["rows"] != b["rows"]:
            different[name] = f"{a['rows']} rows on the source, {b['rows']} on the target"
        else:
            different[name] = f"{a['rows']} rows on both sides, of different content"
    if not different and source.get("digest") != target.get("digest"):
        raise StepFailed(
            "the digests of all tables differ, and those of no table do", next_action="this is a defect: report it"
        )
    return Comparison(tuple(equal), different)


def select_large_tables(result: Mapping[str, Any], *, above: int) -> frozenset[str]:
    """Return the tables with more than that many rows, from one side's `digest-database`."""
    return frozenset(name for name, table in result["tables"].items() if int(table["rows"]) > above)


def _require_tables(result: Mapping[str, Any], side: str) -> Mapping[str, Mapping[str, Any]]:
    tables = result.get("tables")
    if not isinstance(tables, Mapping) or not tables:
        raise StepFailed(f"the {side}'s tables were not compared: the result names none")
    return tables


def compare_files(source: Mapping[str, Any], live: Mapping[str, Any]) -> Comparison:
    """Compare two results of `digest-files`, value by value. StepFailed when a side has no value."""
    left, right = dict(_walk_leaves(source)), dict(_walk_leaves(live))
    if not left or not right:
        raise StepFailed(
            f"the {'source' if not left else 'target'}'s files were not compared: the result has no digest of them"
        )
    equal = tuple(name for name in sorted(left) if name in right and left[name] == right[name])
    different = {
        name: f"{left.get(name, 'missing')!s:.60} on the source, {right.get(name, 'missing')!s:.60} on the target"
        for name in sorted({*left, *right})
        if name not in left or name not in right or left[name] != right[name]
    }
    return Comparison(equal, different)


def _walk_leaves(result: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Yield path and value of everything that is no list and no object. Iterative, because the depth of a result has no limit."""
    pending = [(str(key), item) for key, item in result.items() if key not in NOT_DATA]
    while pending:
        path, value = pending.pop()
        if isinstance(value, Mapping):
            pending += [(f"{path}/{key}", item) for key, item in value.items()]
        elif isinstance(value, list):
            pending += [(f"{path}/{number}", item) for number, item in enumerate(value)]
        else:
            yield path, value
