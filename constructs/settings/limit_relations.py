"""Relations between limits. A value alone may be right, and the procedure still cannot work with the two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from common.freeze_bounds import ATTEMPTS_MARGIN_SECONDS, ATTEMPTS_SHARE_OF_LEASE
from common.settings import Limits


@dataclass(frozen=True)
class Relation:
    """What must be true of several limits. `expected` completes "expected …"; it names each limit and its value."""

    keys: tuple[str, ...]
    is_met: Callable[[Limits], bool]
    expected: Callable[[Limits], str]


RELATIONS = (
    Relation(
        ("freeze_attempt", "freeze_attempts", "stop_writes"),
        lambda limits: _sum_attempts(limits) + ATTEMPTS_MARGIN_SECONDS <= limits.stop_writes,
        lambda limits: (
            f"freeze_attempts × freeze_attempt + {ATTEMPTS_MARGIN_SECONDS} s to be at most stop_writes, but {limits.freeze_attempts} × "
            f"{limits.freeze_attempt} s + {ATTEMPTS_MARGIN_SECONDS} s are more than {limits.stop_writes} s: the step ends after stop_writes"
        ),
    ),
    Relation(
        ("freeze_attempt", "freeze_attempts", "freeze_lease"),
        lambda limits: _sum_attempts(limits) <= limits.freeze_lease * ATTEMPTS_SHARE_OF_LEASE,
        lambda limits: (
            f"freeze_attempts × freeze_attempt to be at most two thirds of freeze_lease, but {limits.freeze_attempts} × "
            f"{limits.freeze_attempt} s are more than two thirds of {limits.freeze_lease} s: the next step must renew the lease before it ends"
        ),
    ),
    Relation(
        ("freeze_attempt", "freeze_hold"),
        lambda limits: limits.freeze_attempt < limits.freeze_hold,
        lambda limits: (
            f"freeze_hold to be longer than freeze_attempt, but {limits.freeze_hold} s are not longer than {limits.freeze_attempt} s: "
            "writes that arrive in an attempt would be refused before its end"
        ),
    ),
    Relation(
        ("commit_margin", "freeze_lease"),
        lambda limits: limits.commit_margin * 2 < limits.freeze_lease,
        lambda limits: (
            f"commit_margin to be less than half of freeze_lease, but {limits.commit_margin} s are not less than half of "
            f"{limits.freeze_lease} s: a step renews the lease only when less than half of it is left"
        ),
    ),
    Relation(
        ("freeze", "freeze_lease"),
        lambda limits: limits.freeze <= limits.freeze_lease,
        lambda limits: (
            f"freeze to be at most freeze_lease, but {limits.freeze} s are more than {limits.freeze_lease} s: the roll back waits for "
            "freeze_lease until the source is open, and one command for that may take as long as freeze"
        ),
    ),
)


def find_broken_relation(limits: Limits) -> Relation | None:
    """Return the first relation that is not met."""
    return next((relation for relation in RELATIONS if not relation.is_met(limits)), None)


def _sum_attempts(limits: Limits) -> int:
    """Return how long all attempts to stop writes take, without the pauses between them."""
    return limits.freeze_attempts * limits.freeze_attempt
