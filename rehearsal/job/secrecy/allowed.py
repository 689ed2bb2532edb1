"""Which of the places that are searched may hold which secret. Patterns as in a shell; each with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Allowance:
    """A place, an item and a secret, as shell patterns, where the secret may be."""

    place: str
    item: str
    secret: str
    reason: str

    def is_covering(self, place: str, item: str, secret: str) -> bool:
        """Return whether this one allows it."""
        return fnmatchcase(place, self.place) and fnmatchcase(item, self.item) and fnmatchcase(secret, self.secret)


ALLOWED: tuple[Allowance, ...] = ()
"""Nothing. Where secrets live by intent is not among the places: Secrets Manager, the application's settings on the source's own disk (and so the
provider's replica of that disk), memory of the targets, the databases' own account tables, the shared tree's SSH host keys."""


def is_allowed(place: str, item: str, secret: str, given: Iterable[Allowance] = ALLOWED) -> bool:
    """Return whether a secret may be in an item."""
    return any(one.is_covering(place, item, secret) for one in given)
