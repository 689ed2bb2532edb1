"""Handle actions of services in the place of ministack, or beside it. Actions: see rehearsal.aws.front."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from ministack import app  # type: ignore[import-untyped]
from ministack.core import router  # type: ignore[import-untyped]

from rehearsal.aws import wire
from rehearsal.aws.front import Action, Changed, Front, Handler, PrivateAction


class Services:
    """The part of the registry for services and their actions."""

    def __init__(self) -> None:
        self._fronts: dict[str, Front] = {}

    def register_actions(
        self,
        name: str,
        table: Mapping[str, Action],
        *,
        passes: Collection[str] | None = None,
        changed: Changed | None = None,
    ) -> None:
        """Handle these actions of the service with this boto3 name; a service that ministack lacks is added whole.

        `passes`: ministack handles only these of the other actions, and the service refuses the rest (None: it handles all).
        `changed` is called after each action that ministack has executed and that is no read.
        """
        for action in table:
            wire.load_service(name).get_operation(action)  # AWS has it
        front = self._find_front(name)
        front.ours.update(table)
        if passes is not None:
            front.passes = set(passes)
        if changed is not None:
            front.changed = changed

    def register_private_actions(self, name: str, table: Mapping[str, PrivateAction]) -> None:
        """Handle what the service's own agents POST, by path: operations that are not in botocore's model.

        ministack checks the signature alone, so each asks `caller()` for the permission that it needs.
        """
        self._find_front(name).private.update({f"/{action}": handle for action, handle in table.items()})

    def _find_front(self, name: str) -> Front:
        service = wire.load_service(name)
        front = self._fronts.get(service.scope)
        if front is None:
            front = self._fronts[service.scope] = Front(service, app.SERVICE_HANDLERS.get(service.scope))
            if front.theirs is None:
                prefixes = [service.target_prefix] if service.target_prefix else []
                patterns = {"host_patterns": [rf"^{service.scope}\."], "target_prefixes": prefixes}
                router.SERVICE_PATTERNS[service.scope] = patterns
            app.SERVICE_HANDLERS[service.scope] = front.handle
        return front

    def register_ec2_action(self, name: str, action: Action) -> None:
        """Register one more action of EC2, or another meaning of one."""
        self.register_actions("ec2", {name: action})

    def wrap_services(self, wrapped: Callable[[str, Handler], Handler]) -> None:
        """Put `wrapped(name, handler)` in the place of every service's handler that is registered by now."""
        for name, handler in app.SERVICE_HANDLERS.items():
            app.SERVICE_HANDLERS[name] = wrapped(name, handler)
