"""Where the rehearsal is tied to ministack: the only module that names what is private to it.

Written for ministack 1.5.33; `tests/unit/aws/test_registry.py` is the contract that a newer one must keep.

    registry = Registry()
    registry.actions("dms", {"CreateEndpoint": api.create_endpoint, …})     a whole service, or more actions of one
    registry.ec2_action("CreateImage", images.create_image)                 one action of EC2
    registry.cloudformation_type("AWS::DMS::Endpoint", create=…, delete=…)  a resource type

Actions: see rehearsal.aws.front.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from ministack import app  # type: ignore[import-untyped]
from ministack.core import iam_actions, iam_evaluator, lambda_runtime, router  # type: ignore[import-untyped]
from ministack.services.cloudformation import provisioners, stacks  # type: ignore[import-untyped]

from rehearsal.aws import wire
from rehearsal.aws.errors import NotEmulated
from rehearsal.aws.front import Action, Changed, Front, Handler
from rehearsal.errors import RehearsalError

__all__ = [
    "Action",
    "Authorize",
    "Check",
    "Create",
    "Delete",
    "Properties",
    "Registry",
    "Resource",
    "Update",
    "application",
]
MINISTACK = "1.5.33"
_log = logging.getLogger(__name__)
Properties = dict[str, Any]
Resource = tuple[str, dict[str, Any]]
"""Physical id (Ref) and attributes (GetAtt)."""
Create = Callable[[str, Properties, str], Resource]
"""(logical id, properties, stack name)"""
Update = Callable[[str, Properties, Properties, str], Resource]
"""(physical id, old properties, new properties, stack name); another physical id means: replaced."""
Delete = Callable[[str, Properties], None]
"""(physical id, properties); harmless when it is gone."""


@dataclass(frozen=True)
class Check:
    """One question to the policies. All questions of a request must be answered with yes."""

    action: str
    resource: str = "*"
    context: Mapping[str, Any] = field(default_factory=dict)
    """condition keys that only this resource has"""


Authorize = Callable[[str, str, bytes, Mapping[str, Any]], Sequence[Check] | None]
"""(service as in credential scopes, IAM's action, body, query)"""


class Registry:
    """One per process: what it registers stays."""

    def __init__(self) -> None:
        if version("ministack") != MINISTACK:
            raise RehearsalError(f"ministack {version('ministack')} is installed, {MINISTACK} is needed: `make setup`.")
        self._fronts: dict[str, Front] = {}
        self._threaded: set[str] = set()
        runs_on_thread = stacks._runs_on_worker_thread
        stacks._runs_on_worker_thread = lambda kind: kind in self._threaded or runs_on_thread(kind)

    # Services and actions

    def actions(
        self,
        name: str,
        table: Mapping[str, Action],
        *,
        passes: Collection[str] | None = None,
        changed: Changed | None = None,
    ) -> None:
        """Answer these actions of the service with this boto3 name; a service that ministack lacks is added whole.

        `passes`: of the other actions only these go to ministack, the rest is refused (None: all go there).
        `changed` is told of each action that ministack has done and that is no read.
        """
        service = wire.service(name)
        for action in table:
            service.operation(action)  # AWS has it
        front = self._fronts.get(service.scope)
        if front is None:
            front = self._fronts[service.scope] = Front(service, app.SERVICE_HANDLERS.get(service.scope))
            if front.theirs is None:
                prefixes = [service.target_prefix] if service.target_prefix else []
                patterns = {"host_patterns": [rf"^{service.scope}\."], "target_prefixes": prefixes}
                router.SERVICE_PATTERNS[service.scope] = patterns
            app.SERVICE_HANDLERS[service.scope] = front.handle
        front.ours.update(table)
        if passes is not None:
            front.passes = set(passes)
        if changed is not None:
            front.changed = changed

    def ec2_action(self, name: str, action: Action) -> None:
        """One more action of EC2, or another meaning of one."""
        self.actions("ec2", {name: action})

    def around_services(self, wrapped: Callable[[str, Handler], Handler]) -> None:
        """Put `wrapped(name, handler)` in the place of every service's handler that is registered by now."""
        for name, handler in app.SERVICE_HANDLERS.items():
            app.SERVICE_HANDLERS[name] = wrapped(name, handler)

    # CloudFormation

    def cloudformation_type(
        self,
        name: str,
        *,
        create: Create,
        delete: Delete,
        update: Update | None = None,
        replace: bool = True,
        tags: bool = False,
    ) -> None:
        """A resource type; its handlers run on a thread. Without `update` each change replaces the resource; with
        `replace=False` as well, each change is refused. `tags`: `Tags` gets the stack's own tags too."""

        def updated(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Resource:
            if update:
                return update(identifier, old, new, stack)
            if replace:
                return create(logical_id, new, stack)  # CloudFormation deletes the old one when the update is complete
            changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
            raise NotEmulated(f"an update of {', '.join(changed)} of {name} {identifier}")

        handlers = {"create": create, "update": updated, "update_with_logical_id": True, "delete": delete}
        provisioners._RESOURCE_HANDLERS[name] = handlers
        self._threaded.add(name)
        if tags:
            provisioners._STACK_TAG_PROPERTY.setdefault(name, ("Tags", "list"))

    def check_properties(self, check: Callable[[str, Properties], None]) -> None:
        """Before a resource is made or updated `check` gets its type and properties; what it raises fails the resource."""
        for module in (stacks, provisioners):  # resources of a stack, and those of a nested one
            module._provision_resource = _checked_provision(check, module._provision_resource)
            module._update_resource = _checked_update(check, module._update_resource)

    def keep_nested_attributes(self) -> None:
        """ministack does not hand an update of a nested stack the attributes of the stack's resources, so that those which it leaves as they
        are would have none afterwards. It remembers the attributes of all that it has made."""
        provision, update = provisioners._provision_resource, provisioners._update_resource
        known: dict[tuple[str, str], Properties] = {}

        def remembering_provision(kind: str, *rest: Any) -> Resource:
            made: Resource = provision(kind, *rest)
            known[kind, made[0]] = made[1]
            return made

        def remembering_update(kind: str, identifier: str, old: Properties, new: Properties, *rest: Any) -> Resource:
            if old == new:
                return identifier, known.get((kind, identifier), {})
            made: Resource = update(kind, identifier, old, new, *rest)
            known[kind, made[0]] = made[1]
            return made

        provisioners._provision_resource, provisioners._update_resource = remembering_provision, remembering_update

    def cloudformation_types(self) -> set[str]:
        return set(provisioners._RESOURCE_HANDLERS)

    def around(
        self,
        name: str,
        *,
        before: Callable[[Properties], Properties] | None = None,
        after: Callable[[str, Properties], Mapping[str, Any]] | None = None,
        gone: Callable[[str], None] | None = None,
    ) -> None:
        """Keep ministack's own type. `before` may change the properties, `after` (create and update) adds or corrects
        attributes, `gone` is called after the deletion. All are called on a thread."""
        handlers = dict(provisioners._RESOURCE_HANDLERS[name])
        create, update, delete = handlers["create"], handlers.get("update"), handlers["delete"]

        def ready(properties: Properties) -> Properties:
            return before(dict(properties)) if before else properties

        def done(made: Resource, properties: Properties) -> Resource:
            identifier, attributes = made
            return identifier, {**(attributes or {}), **(after(identifier, properties) if after else {})}

        def created(logical_id: str, properties: Properties, stack: str) -> Resource:
            return done(create(logical_id, ready(properties), stack), properties)

        def updated(identifier: str, old: Properties, new: Properties, *rest: Any) -> Resource:
            assert update is not None
            return done(update(identifier, ready(old), ready(new), *rest), new)

        def deleted(identifier: str, properties: Properties, *rest: Any) -> None:
            delete(identifier, properties, *rest)
            if gone:
                gone(identifier)

        handlers.update(create=created, delete=deleted, **({"update": updated} if update else {}))
        provisioners._RESOURCE_HANDLERS[name] = handlers
        self._threaded.add(name)

    def show_as(self, name: str, shown: Callable[[str, Mapping[str, Any]], str]) -> None:
        """Another Ref for ministack's own type, where it has not the one that CloudFormation documents."""
        handlers = dict(provisioners._RESOURCE_HANDLERS[name])
        create, update, delete = handlers["create"], handlers["update"], handlers["delete"]
        theirs: dict[str, str] = {}

        def show(made: Resource) -> Resource:
            identifier = shown(*made)
            theirs[identifier] = made[0]
            return identifier, made[1]

        def updated(identifier: str, *rest: Any) -> Resource:
            return show(update(theirs.get(identifier, identifier), *rest))

        def deleted(identifier: str, *rest: Any) -> None:
            delete(theirs.pop(identifier, identifier), *rest)

        handlers.update(create=lambda *arguments: show(create(*arguments)), update=updated, delete=deleted)
        provisioners._RESOURCE_HANDLERS[name] = handlers

    # IAM

    def authorize(self, services: Collection[str], checks: Authorize) -> None:
        """Ask the policies `checks(service, action, body, query)` for requests to these services; None: what ministack would ask."""
        for service in services:
            iam_actions.SERVICE_TO_IAM_NAMESPACE.setdefault(service, service)
        extract, enforce = iam_actions.extract_iam_action, iam_evaluator.enforce
        asked: ContextVar[Sequence[Check] | None] = ContextVar("asked", default=None)

        def remembering_extract(
            service: str, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> str | None:
            action: str | None = extract(service, method, path, headers, body, query)
            asked.set(checks(service, action, body, query) if action and service in services else None)
            return action

        def enforce_each(key: str, action: str, service: str, region: str, **about: Any) -> Any:
            known = asked.get()
            for check in known if known is not None else [Check(action, about.get("resource_arn", "*"))]:
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

    # ministack's own records and functions

    def records(self, service: str, store: str) -> Mapping[str, Any]:
        """One of ministack's stores, live: records("ec2", "security_groups"). Its values are ministack's own dicts."""
        found: Mapping[str, Any] = getattr(app._get_module(service), f"_{store}")
        return found

    def function(self, service: str, name: str) -> Callable[..., Any]:
        """A function of one of ministack's services."""
        found: Callable[..., Any] = getattr(app._get_module(service), name)
        return found

    def instead(self, service: str, name: str, function: Callable[..., Any]) -> None:
        """Put `function` in the place of one that ministack has."""
        module = provisioners if service == "cloudformation" else app._get_module(service)
        if not callable(getattr(module, name)):
            raise TypeError(f"ministack's {service}.{name} is no function")
        setattr(module, name, function)

    def end_invocations(self) -> None:
        """Kill the process of each function that is at work; whoever called it gets an error. Returns when they are gone."""
        with lambda_runtime._lock:
            workers = [worker for pool in lambda_runtime._workers.values() for worker in pool if worker.in_use]
        for process in [worker._proc for worker in workers]:
            if process is not None:
                process.kill()
                process.wait()

    def physical_name(self, stack: str, logical_id: str, *, longest: int, lower: bool = False) -> str:
        """The name CloudFormation gives a resource that has none of its own."""
        return str(provisioners._physical_name(stack, logical_id, lowercase=lower, max_len=longest))


def _checked_provision(check: Callable[[str, Properties], None], provision: Callable[..., Resource]) -> Any:
    def checked(kind: str, logical_id: str, properties: Properties, stack: str) -> Resource:
        check(kind, properties)
        return provision(kind, logical_id, properties, stack)

    return checked


def _checked_update(check: Callable[[str, Properties], None], update: Callable[..., Resource]) -> Any:
    def checked(kind: str, identifier: str, old: Properties, new: Properties, *rest: Any) -> Resource:
        if old != new:
            check(kind, new)
        return update(kind, identifier, old, new, *rest)

    return checked


def application() -> Any:
    """ministack as an ASGI application. To policies every request has come encrypted: the rehearsal's plain HTTP stands for that."""

    async def served(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await app.app({**scope, "scheme": "https"} if scope["type"] == "http" else scope, receive, send)

    return served
