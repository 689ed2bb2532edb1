"""Define how a check ends when it does not pass.

CheckFailed               the site does not behave as it must
└── UnexpectedResponse    a response of the site is not the one that the request must have
CheckSkipped              the check does not apply to this site or this session
"""

from __future__ import annotations


class CheckFailed(Exception):
    """The site does not behave as it must. The message has the expected and the actual result, without secrets."""


class UnexpectedResponse(CheckFailed):
    """The site did not respond, or responded with another status or content than the caller expects."""


class CheckSkipped(Exception):
    """The check does not apply to this site or this session. A check that could not run raises CheckFailed.

    `setting`: the setting of the site that is the reason, as the application's administrator writes it. It is empty only when
    the caller did not request what the check needs.
    """

    def __init__(self, reason: str, *, setting: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.setting = setting
