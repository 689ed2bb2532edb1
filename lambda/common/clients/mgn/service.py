"""Calls of the MGN API: translated errors, all pages, and retries as the service requests them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from common.clients.mgn.errors import Busy, translate_mgn_errors
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
        """Keep the client without botocore's own retries: they would start a second job when the response to the first start is lost."""
        self._client, self._clock = client, clock
        name = client.meta.service_model.service_id.hyphenize()
        client.meta.events.unregister(f"needs-retry.{name}", unique_id=f"retry-config-{name}")

    @property
    def region(self) -> str:
        return self._client.meta.region_name

    def call(self, operation: str, *, repeatable: bool = True, **parameters: Any) -> dict[str, Any]:
        """Return the response of an operation, by its name in boto3 (`describe_jobs`). Raises RetryableProviderError, StepFailed (errors.py).

        `repeatable=False` for calls that must not run twice: they are sent again only when the service certainly did not act.
        """
        action = f"mgn:{self._client.meta.method_to_api_mapping[operation]}"

        def call_once() -> dict[str, Any]:
            with translate_mgn_errors(action, self.region):
                return dict(getattr(self._client, operation)(**parameters))

        return self._with_retries(call_once, repeatable=repeatable)

    def items(self, operation: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return the items of all pages of an operation that has pages."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            paged: dict[str, Any] = {**parameters, "nextToken": token} if token else parameters
            page = self.call(operation, **paged)
            found += page.get("items", [])
            token = page.get("nextToken") or ""
            if not token:
                return found

    def _with_retries(self, call: Callable[[], dict[str, Any]], *, repeatable: bool) -> dict[str, Any]:
        def is_safe(error: BaseException) -> bool:
            return isinstance(error, Busy) and (repeatable or not error.may_have_acted)

        backoff = wait_random_exponential(multiplier=0.5, max=MAX_PAUSE_SECONDS)

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            requested = error.retry_after if isinstance(error, Busy) else 0.0
            return max(backoff(state), min(requested, MAX_PAUSE_SECONDS))

        retrying = Retrying(
            retry=retry_if_exception(is_safe),
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
