"""Calls of the MGN API: translated errors, all pages, and retries as the service requests them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.clients.mgn.errors import translate_mgn_errors
from common.clients.provider_retries import call_with_retries
from common.clock import Clock

if TYPE_CHECKING:
    from mypy_boto3_mgn import MgnClient


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

        return call_with_retries(call_once, self._clock, repeatable=repeatable)

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
