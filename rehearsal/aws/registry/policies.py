"""Replace the checks of IAM's policies for a request. ministack's own engine evaluates them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any

from ministack.core import iam_actions, iam_evaluator, router  # type: ignore[import-untyped]
from ministack.services import iam  # type: ignore[import-untyped]

from rehearsal.settings import REGION

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


class Caller:
    """Who made the request that is being handled. It can be asked later, on another thread, as long as its credentials last."""

    def __init__(self, context: Context, arn: str, enforce: Callable[..., Any]) -> None:
        self._context, self.arn, self._enforce = context, arn, enforce

    def is_allowed(self, check: Check) -> bool:
        """Return whether the caller's policies allow it."""
        context = self._context.copy()  # a context can be entered once at a time
        refused = context.run(
            self._enforce,
            context.get(_key, ""),
            check.action,
            check.action.partition(":")[0],
            REGION,
            resource_arn=check.resource,
            service_context=dict(check.context),
        )
        return refused is None


_key: ContextVar[str] = ContextVar("key", default="")
"""access key of the request"""


class Policies:
    """The part of the registry for IAM."""

    def get_caller(self) -> Caller:
        """Return who made the request that this thread handles."""
        return Caller(copy_context(), iam_evaluator.caller_arn(), iam_evaluator.enforce)

    def add_managed_policy(self, name: str, document: Mapping[str, Any]) -> None:
        """Add a policy of AWS's own, which roles name as arn:aws:iam::aws:policy/<name>. `name` may begin with a path."""
        record = iam._make_aws_managed_record(name, json.dumps(document))
        iam._aws_managed_policies[record["Arn"]] = record

    def authorize(self, services: Collection[str], checks: Authorize) -> None:
        """Ask the policies `checks(service, action, body, query)` for requests to these services; None: what ministack would ask."""
        for service in services:
            iam_actions.SERVICE_TO_IAM_NAMESPACE.setdefault(service, service)
            iam_actions._BOTOCORE_SERVICE_MAP.setdefault(service, [service])
        extract, enforce = iam_actions.extract_iam_action, iam_evaluator.enforce
        asked: ContextVar[tuple[str, Sequence[Check] | None]] = ContextVar("asked", default=("", None))

        def extract_and_remember(
            service: str, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> str | None:
            _key.set(router.extract_access_key_id(headers, query))
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

        iam_actions.extract_iam_action, iam_evaluator.enforce = extract_and_remember, enforce_each
