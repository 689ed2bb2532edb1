"""The exception hierarchy of the tool on the machines.

    SiteError                 the verb failed; the message has what happened and what to do
    ├── NotConfigured         a file, parameter or secret that this machine needs is missing or wrong
    ├── Refused               this verb must not run on this machine, or not in its present state
    ├── CommandFailed         a program ended with an error or exceeded its time limit
    └── NotChecked            a comparison could not be made; never counts as "equal"

`cutover-site` prints `reason` and `next` as its last line and exits 1.
"""

from __future__ import annotations


class SiteError(Exception):
    """A verb failed. `next_action`: what the operator can do."""

    def __init__(self, reason: str, *, next_action: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.next_action = next_action


class NotConfigured(SiteError):
    """A file, parameter or secret that this machine needs is missing or wrong."""


class Refused(SiteError):
    """The verb must not run on this machine, or not now."""


class CommandFailed(SiteError):
    """A program failed."""


class NotChecked(SiteError):
    """A check could not be completed."""
