"""How a check ends when it does not pass."""

from __future__ import annotations


class CheckFailed(Exception):
    """The site does not do what it must. The message names what was expected and what came, without secrets."""


class CheckSkipped(Exception):
    """The check does not apply to this site or this visit: never for what could not run.

    `setting` is the site's setting that explains it, as `[section] KEY = value`. Empty only for what the caller did not ask for.
    """

    def __init__(self, reason: str, *, setting: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.setting = setting
