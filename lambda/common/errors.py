"""The one exception hierarchy of the functions.

    CutoverError                    something went wrong; says what, to which machine, and what the operator can do
    ├── StepFailed                  final: the run rolls back (before the commit) or goes on with a warning (after it)
    │   ├── Missing                 what was asked for does not exist (any more)
    │   ├── ConfigurationError      the settings are wrong; nothing was changed
    │   ├── LockHeld                another run holds the site
    │   ├── LeaseLost               this run may not decide any more: its lease ended or the other side decided
    │   └── RunAborted              the operator or CloudFormation asked the run to stop
    └── Retryable                   the same call may work in a moment; never raised itself, only by its named kinds:
        ├── RetryableProviderError  the provider is unreachable, busy, or answered 429 or 5xx
        ├── RetryableServiceError   an AWS API throttled or failed on its side
        └── RetryableCommandError   a machine could not be reached through SSM

Step Functions matches the class name (`Retry.ErrorEquals`), and gets the facts as JSON in the message: `str(error)` is that JSON,
`error.sentence()` is for people.
"""

import json
from typing import Any, ClassVar


class CutoverError(Exception):
    """Anything a step reports. `phase` may be filled in later by the handler, which knows the step."""

    def __init__(self, reason: str, *, machine: str = "", next_action: str = "", phase: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.machine = machine
        self.next_action = next_action
        self.phase = phase

    def facts(self) -> dict[str, str]:
        return {"phase": self.phase, "machine": self.machine, "reason": self.reason, "next": self.next_action}

    def sentence(self) -> str:
        return sentence(self.facts())

    def __str__(self) -> str:
        return json.dumps(self.facts(), ensure_ascii=False)


class StepFailed(CutoverError):
    """The step cannot be done. Retrying does not help."""


class Missing(StepFailed):
    """It does not exist; everything else about it is StepFailed."""


class ConfigurationError(StepFailed):
    """A setting is missing or wrong."""


class LockHeld(StepFailed):
    """Another run works on this site."""


class LeaseLost(StepFailed):
    """The right to decide is gone."""


class RunAborted(StepFailed):
    """Somebody asked this run to stop."""


class Retryable(CutoverError):
    """Worth trying again. Raise one of its kinds: the state machine retries by their names."""

    names: ClassVar[tuple[str, ...]] = ("RetryableProviderError", "RetryableServiceError", "RetryableCommandError")


class RetryableProviderError(Retryable):
    """The provider did not answer usefully."""


class RetryableServiceError(Retryable):
    """An AWS API did not answer usefully."""


class RetryableCommandError(Retryable):
    """A machine could not be told what to do."""


def sentence(facts: dict[str, Any]) -> str:
    """One line for people: `Phase on machine: reason. Next: action. Logs: object of the evidence.`"""
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
