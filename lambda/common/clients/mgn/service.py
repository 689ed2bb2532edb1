"""Calls of the MGN API: translated errors, all pages, and retries as the service requests them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from common.clients.mgn.errors import Busy, mgn_errors
from common.clock import Clock
from common.errors import RetryableProviderError

if TYPE_CHECKING:
    from mypy_boto3_mgn import MgnClient

MAX_ATTEMPTS = 3
"""with the pauses between them shorter than the time limit of every function: the caller reports the failure, and its step is repeated"""
MAX_PAUSE_SECONDS = 8.0


class Service:
    """The MGN API of one region."""

    def __init__(self, client: MgnClient, clock: Clock) -> None:
        self._client, self._clock = client, clock

    @property
    def region(self) -> str:
        return self._client.meta.region_name

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the response of an operation, by its name in boto3 (`describe_jobs`). Raises RetryableProviderError, StepFailed (errors.py)."""
        action = f"mgn:{self._client.meta.method_to_api_mapping[operation]}"

        def call_once() -> dict[str, Any]:
            with mgn_errors(action, self.region):
                return dict(getattr(self._client, operation)(**parameters))

        return self._with_retries(call_once)

    def items(self, operation: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return the items of all pages of an operation that has pages."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            page = self.call(operation, **parameters, **({"nextToken": token} if token else {}))
            found += page.get("items", [])
            token = page.get("nextToken") or ""
            if not token:
                return found

    def _with_retries(self, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        backoff = wait_random_exponential(multiplier=0.5, max=MAX_PAUSE_SECONDS)

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            requested = error.retry_after if isinstance(error, Busy) else 0.0
            return max(backoff(state), min(requested, MAX_PAUSE_SECONDS))

        retrying = Retrying(
            retry=retry_if_exception_type(Busy),
            stop=stop_after_attempt(MAX_ATTEMPTS),
            wait=pause,
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            return retrying(call)
        except Busy as error:  # by its public name: Step Functions matches names, not classes
            raise RetryableProviderError(
                f"{error.reason} ({MAX_ATTEMPTS} tries at most)", next_action=error.next_action
            ) from error
