"""Names of tables in a command line and in the execution's state: both have an end, the number of a site's tables has none. Pure."""

from collections.abc import Collection, Iterable, Iterator

LONGEST_NAMES = 8_000
"""bytes of the names in one option of a command, and of each list of names in the state (256 KB in all)"""


def name_all(names: Collection[str]) -> list[str] | None:
    """Return the names in order; None when they are too long to be named: then every table is meant."""
    return sorted(names) if _length(names) <= LONGEST_NAMES else None


def name_some(names: Collection[str]) -> list[str]:
    """Return as many names, in order, as are not too long. For lists that may be shortened."""
    return next(split_names(names), [])


def split_names(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield the names in order, in lists that are not too long each."""
    batch: list[str] = []
    length = 0
    for name in sorted(names):
        if batch and length + _length([name]) > LONGEST_NAMES:
            yield batch
            batch, length = [], 0
        batch.append(name)
        length += _length([name])
    if batch:
        yield batch


def _length(names: Iterable[str]) -> int:
    return sum(len(name.encode()) + 1 for name in names)
