"""The one exception hierarchy of the functions.

    CutoverError                    a failure: what happened, on which machine, and what the operator can do
    ├── StepFailed                  final: the run rolls back (before the commit) or goes on with a warning (after it)
    │   ├── Missing                 the requested object does not exist (any more)
    │   ├── ConfigurationError      the settings are wrong; nothing was changed
    │   ├── LockHeld                another run holds the site
    │   ├── LeaseLost               this run may not decide any more: its lease ended or the source decided
    │   └── RunAborted              the operator or CloudFormation requested that the run stops
    └── Retryable                   the same call may work in a moment; never raised itself, only by its named kinds:
        ├── RetryableProviderError  the provider is unreachable, busy, or answered 429 or 5xx
        ├── RetryableServiceError   an AWS API throttled or failed on its side
        └── RetryableCommandError   a machine could not be reached through SSM

Step Functions matches the class name (`Retry.ErrorEquals`), and gets the facts as JSON in the message: `str(error)` is that JSON,
`error.to_sentence()` is for people.
"""

import json
from typing import Any, ClassVar


class CutoverError(Exception):
    """Any failure of a step. The handler, which knows the step, fills in `phase`."""

    def __init__(self, reason: str, *, machine: str = "", next_action: str = "", phase: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.machine = machine
        self.next_action = next_action
        self.phase = phase

    def to_facts(self) -> dict[str, str]:
        """Return phase, machine, reason and next action."""
        return {"phase": self.phase, "machine": self.machine, "reason": self.reason, "next": self.next_action}

    def to_sentence(self) -> str:
        """Return the error in one line for people."""
        return format_sentence(self.to_facts())

    def __str__(self) -> str:
        return json.dumps(self.to_facts(), ensure_ascii=False)


class StepFailed(CutoverError):
    """The step cannot be done. Retrying does not help."""


class Missing(StepFailed):
    """The requested object does not exist."""


class ConfigurationError(StepFailed):
    """A setting is missing or wrong."""


class LockHeld(StepFailed):
    """Another run holds the site."""


class LeaseLost(StepFailed):
    """This run may not decide any more."""


class RunAborted(StepFailed):
    """This run was requested to stop."""


class Retryable(CutoverError):
    """A failure that may pass. Raise one of the subclasses: the state machine retries by their names."""

    names: ClassVar[tuple[str, ...]] = ("RetryableProviderError", "RetryableServiceError", "RetryableCommandError")


class RetryableProviderError(Retryable):
    """The provider is unreachable or busy."""


class RetryableServiceError(Retryable):
    """An AWS API throttled the call or failed."""


class RetryableCommandError(Retryable):
    """A machine could not be reached through Systems Manager."""


def format_sentence(facts: dict[str, Any]) -> str:
    """Return the facts in one line for people.

    Its form: `Phase on machine: reason. Next: action. Logs: object of the evidence.`
    """
    where = " on ".join(part for part in (facts.get("phase") or "", facts.get("machine") or "") if part)
    text = (
        f"{where}: {facts.get('reason') or 'no reason given'}"
        if where
        else str(facts.get("reason") or "no reason given")
    )
    advice = facts.get("next")
    text = f"{text.rstrip('.')}. Next: {advice}" if advice else text
    logs = facts.get("logs")
    return f"{text.rstrip('.')}. Logs: {logs} in the evidence bucket" if logs else text
