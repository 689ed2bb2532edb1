"""What the proxies counted must agree with the client's own account. Neither knows the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rehearsal.client.ledger import Operation
from rehearsal.client.pause import HELD_SECONDS

OUTCOMES = ("answered", "client_error", "server_error", "aborted")
SSH_KINDS = frozenset({"push-ssh"})
"""operations whose requests are connections of the port of SSH"""
CLOCK_SECONDS = 0.5
"""between the client's measurement and the journal's, on a machine that is busy"""


def find_problems(records: Sequence[Mapping[str, Any]], operations: Iterable[Operation]) -> list[str]:
    """Return one sentence for each number that contradicts the client.

    `records`: the evidence of a run that committed.
    """
    counted = [one for one in records if one.get("requests_of")]
    sides = {str(one["requests_of"]) for one in counted}
    if sides != {"source", "target"}:
        return [f"the proxies of {', '.join(sorted(sides)) or 'no machine'} were counted"]
    ended = [one for one in operations if one.answered]
    return list(_compare(counted, ended, _find_release(records)))


def _compare(
    counted: Sequence[Mapping[str, Any]], operations: Sequence[Operation], release: tuple[float, float]
) -> Iterator[str]:
    begin = min(float(one["begin"]) for one in counted)
    end = min(float(one["end"]) for one in counted)
    committed, forwarded = release
    requests = _sum(counted, *OUTCOMES) - _sum(counted, "forwarded")
    http = [
        one for one in operations if one.kind not in SSH_KINDS and begin <= (one.answered or 0) < end - CLOCK_SECONDS
    ]
    if requests < len(http):
        yield f"the proxies counted {requests} requests, the client had {len(http)} operations by HTTP meanwhile"
    errors = _sum(counted, "server_error")
    if errors and all(one.acknowledged for one in operations):
        yield f"the proxies counted {errors} errors, the client saw none"
    held = _sum(counted, "held") + sum(row[2] for one in counted for row in one["ports"].get("ssh", []))
    waited = [
        one for one in operations if one.writes and one.acknowledged and one.sent < committed <= (one.answered or 0)
    ]
    longer = [one for one in waited if _get_seconds(one) > HELD_SECONDS]
    under_way = [one for one in operations if one.sent < forwarded and (one.answered or 0) >= committed]
    if not len(longer) <= held <= len(under_way):
        yield f"the proxies counted {held} held, of the client {len(longer)} waited and {len(under_way)} were under way"
    longest = max(float(row[-1] or 0) / 1000 for one in counted for row in one["rows"])
    at_a_proxy = f"the longest request took {longest:.2f} s at a proxy"
    slowest, slowest_held = (max(map(_get_seconds, some), default=0.0) for some in (operations, longer))
    if longest > slowest + CLOCK_SECONDS:
        yield f"{at_a_proxy}, the slowest operation of the client {slowest:.2f} s"
    if longest < slowest_held / 2:
        yield f"{at_a_proxy}, a held write of the client {slowest_held:.2f} s"


def _sum(counted: Iterable[Mapping[str, Any]], *columns: str) -> int:
    return sum(int(row[one["columns"].index(name)]) for one in counted for row in one["rows"] for name in columns)


def _find_release(records: Iterable[Mapping[str, Any]]) -> tuple[float, float]:
    """Return when the run was committed, and when the source forwarded what it had held."""
    steps = {str(one["step"]): one for one in records if one.get("outcome") == "done" and "step" in one}
    return _parse(steps["commit"]["facts"]["committed"]), _parse(steps["forward"]["ended"])


def _get_seconds(operation: Operation) -> float:
    return (operation.answered or operation.sent) - operation.sent


def _parse(text: Any) -> float:
    return datetime.fromisoformat(str(text)).timestamp()
