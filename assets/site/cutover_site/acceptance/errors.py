"""How a check ends when it does not pass.

CheckFailed               the site does not do what it must
└── UnexpectedResponse    a response of the site is not the one that the request must have
CheckSkipped              the check does not apply to this site or this session
"""

from __future__ import annotations


class CheckFailed(Exception):
    """The site does not do what it must. The message names what was expected and what was found, without secrets."""


class UnexpectedResponse(CheckFailed):
    """The site did not respond, or with another status or content than the caller expects."""


class CheckSkipped(Exception):
    """The check does not apply to this site or this session: never for what could not run.

    `setting` is the site's setting that explains it, as the application's administrator writes it. Empty only for what the caller did not ask for.
    """

    def __init__(self, reason: str, *, setting: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.setting = setting
