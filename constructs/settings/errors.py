"""The errors of the configuration."""

from __future__ import annotations

from collections.abc import Sequence


def format_one_line(text: str) -> str:
    """Return the text in one line, with each control character as its escape: a wrong value may contain any."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in " ".join(text.split()))


class SettingsError(Exception):
    """The configuration cannot be used. The message is one line: file, line, key, what is expected.

    `faults`: every fault of the file in such a line. `locations`: the keys that lead to each of them; none if the file cannot be read.
    """

    def __init__(self, message: str, faults: Sequence[str] = (), locations: Sequence[Sequence[int | str]] = ()) -> None:
        super().__init__(format_one_line(message))
        self.locations = tuple(tuple(keys) for keys in locations)
        self.faults = tuple(format_one_line(fault) for fault in faults) or (str(self),)


class UnexpectedValueError(ValueError):
    """A validator of several settings refuses one of them.

    `expected` completes "expected …". `keys` lead from the validator's table to the setting, so that the message has its line.
    """

    def __init__(self, expected: str, *keys: str) -> None:
        super().__init__(expected)
        self.keys = keys
