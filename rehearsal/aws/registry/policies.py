"""Replace the checks of IAM's policies for a request. ministack's own engine evaluates them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ministack.core import iam_actions, iam_evaluator  # type: ignore[import-untyped]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """One check of the policies. A request is allowed when all its checks are."""

    action: str
    resource: str = "*"
    context: Mapping[str, Any] = field(default_factory=dict)
    """condition keys that only this resource has"""


Authorize = Callable[[str, str, bytes, Mapping[str, Any]], Sequence[Check] | None]
"""(service as in credential scopes, IAM's action, body, query)"""


class Policies:
    """The part of the registry for IAM."""

    def authorize(self, services: Collection[str], checks: Authorize) -> None:
        """Ask the policies `checks(service, action, body, query)` for requests to these services; None: what ministack would ask."""
        for service in services:
            iam_actions.SERVICE_TO_IAM_NAMESPACE.setdefault(service, service)
        extract, enforce = iam_actions.extract_iam_action, iam_evaluator.enforce
        asked: ContextVar[tuple[str, Sequence[Check] | None]] = ContextVar("asked", default=("", None))

        def remembering_extract(
            service: str, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> str | None:
            action: str | None = extract(service, method, path, headers, body, query)
            asked.set((action or "", checks(service, action, body, query) if action and service in services else None))
            return action

        def enforce_each(key: str, action: str, service: str, region: str, **about: Any) -> Any:
            about_action, known = asked.get()
            if known is None or about_action != action:  # one connection's requests share the variable
                known = [Check(action, about.get("resource_arn", "*"))]
            for check in known:
                context = {**(about.get("service_context") or {}), **check.context}
                refused = enforce(
                    key, check.action, service, region, resource_arn=check.resource, service_context=context
                )
                if refused:
                    who = getattr(refused, "principal_arn", "") or getattr(refused, "code", "")
                    _log.warning("%s on %s is refused: %s", check.action, check.resource, who)
                    return refused
            return None

        iam_actions.extract_iam_action, iam_evaluator.enforce = remembering_extract, enforce_each
