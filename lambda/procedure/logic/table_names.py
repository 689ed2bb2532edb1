"""Limit lists of table names to what a command line and the execution's state can hold. Pure."""

from collections.abc import Collection, Iterable, Iterator

MAX_NAME_BYTES = 8_000
"""bytes of the names in one option of a command, and of each list of names in the state (256 KB in all)"""


def fit_all_names(names: Collection[str]) -> list[str] | None:
    """Return the names in order; None when they are too long together: that means every table."""
    return sorted(names) if _count_bytes(names) <= MAX_NAME_BYTES else None


def take_first_names(names: Collection[str]) -> list[str]:
    """Return the first names, in order, that fit. For lists that may be shortened."""
    return next(split_names(names), [])


def split_names(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield the names in order, in lists that fit."""
    batch: list[str] = []
    length = 0
    for name in sorted(names):
        if batch and length + _count_bytes([name]) > MAX_NAME_BYTES:
            yield batch
            batch, length = [], 0
        batch.append(name)
        length += _count_bytes([name])
    if batch:
        yield batch


def _count_bytes(names: Iterable[str]) -> int:
    return sum(len(name.encode()) + 1 for name in names)
