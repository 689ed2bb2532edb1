"""The errors of the configuration."""

from __future__ import annotations

from collections.abc import Sequence


class SettingsError(Exception):
    """The configuration cannot be used. The message is one line: file, line, key, what is expected.

    `faults`: every fault of the file in such a line.
    """

    def __init__(self, message: str, faults: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults) or (message,)


class UnexpectedValueError(ValueError):
    """A validator of several settings refuses one of them.

    `expected` completes "expected …". `keys` lead from the validator's table to the setting, so that the message has its line.
    """

    def __init__(self, expected: str, *keys: str) -> None:
        super().__init__(expected)
        self.keys = keys
