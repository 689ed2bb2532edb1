"""The one exception hierarchy of the machine side.

    SiteError                 the verb did not do what it promises: what happened, on which machine, what to do
    ├── NotConfigured         a file, parameter or secret that this machine needs is missing or wrong
    ├── Refused               the machine is not the one, or not in the state, on which this verb may run
    ├── CommandFailed         a program ended with an error or took too long
    └── NotChecked            a comparison could not be made; never to be taken for "equal"

`cutover-site` prints `reason` and `next` as its last line and exits 1.
"""

from __future__ import annotations


class SiteError(Exception):
    def __init__(self, reason: str, *, next_action: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.next_action = next_action


class NotConfigured(SiteError):
    """A fact that this machine needs cannot be had."""


class Refused(SiteError):
    """Doing it here, or now, would be wrong."""


class CommandFailed(SiteError):
    """A program did not succeed."""


class NotChecked(SiteError):
    """A check could not run to its end."""
