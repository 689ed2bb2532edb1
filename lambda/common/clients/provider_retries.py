"""Repeat a call of a replication provider while the provider is busy, after the pauses that it requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from common.clock import Clock
from common.errors import RetryableProviderError

MAX_ATTEMPTS = 3
"""with the pauses between them shorter than the time limit of every function: the caller reports the failure, and its step is repeated"""
MAX_PAUSE_SECONDS = 8.0
T = TypeVar("T")


class ProviderBusy(RetryableProviderError):
    """A failure that may pass. `retry_after`: the seconds of Retry-After. `may_have_acted`: the provider may have done what was requested."""

    def __init__(
        self, reason: str, *, next_action: str, retry_after: float = 0.0, may_have_acted: bool = False
    ) -> None:
        super().__init__(reason, next_action=next_action)
        self.retry_after, self.may_have_acted = retry_after, may_have_acted


def call_with_retries(call: Callable[[], T], clock: Clock, *, repeatable: bool = True) -> T:
    """Return the result of `call`, which raises ProviderBusy for a failure that may pass. Raises RetryableProviderError after MAX_ATTEMPTS.

    `repeatable=False` for a call that must not run twice: it is repeated only when the provider certainly did not act.
    """

    def is_safe(error: BaseException) -> bool:
        return isinstance(error, ProviderBusy) and (repeatable or not error.may_have_acted)

    backoff = wait_random_exponential(multiplier=0.5, max=MAX_PAUSE_SECONDS)

    def compute_pause(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        requested = error.retry_after if isinstance(error, ProviderBusy) else 0.0
        return max(backoff(state), min(requested, MAX_PAUSE_SECONDS))

    retrying = Retrying(
        retry=retry_if_exception(is_safe),
        stop=stop_after_attempt(MAX_ATTEMPTS),
        wait=compute_pause,
        sleep=clock.sleep,
        reraise=True,
    )
    try:
        return retrying(call)
    except ProviderBusy as error:  # by its public name: Step Functions matches names, not classes
        raise RetryableProviderError(
            f"{error.reason} ({MAX_ATTEMPTS} tries at most)", next_action=error.next_action
        ) from error
