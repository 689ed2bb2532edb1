"""The errors of the configuration."""

from __future__ import annotations


class SettingsError(Exception):
    """The configuration cannot be used. The message is one line: file, line, key, what is expected."""


class UnexpectedValueError(ValueError):
    """A validator of several settings refuses one of them.

    `expected` completes "expected …". `keys` lead from the validator's table to the setting, so that the message has its line.
    """

    def __init__(self, expected: str, *keys: str) -> None:
        super().__init__(expected)
        self.keys = keys
