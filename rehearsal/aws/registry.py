"""Where the rehearsal is tied to ministack: the only module that names what is private to it.

Written for ministack 1.5.33; `tests/unit/aws/test_registry.py` is the contract that a newer one must keep.

    registry = Registry()
    registry.actions("dms", {"CreateEndpoint": api.create_endpoint, …})     a whole service, or more actions of one
    registry.ec2_action("CreateImage", images.create_image)                 one action of EC2
    registry.cloudformation_type("AWS::DMS::Endpoint", create=…, delete=…)  a resource type

Actions are functions that take the request's parameters as keyword arguments in snake case and return the answer in
boto3's form (None for an empty one). Their signature says what is emulated: a request with another parameter is
refused with its name. They run on a thread of their own, so they may block and may call the local AWS.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from botocore import xform_name
from ministack import app, core  # type: ignore[import-untyped]
from ministack.core import concurrency, router  # type: ignore[import-untyped]
from ministack.services.cloudformation import provisioners, stacks  # type: ignore[import-untyped]

from rehearsal.aws import wire
from rehearsal.aws.errors import ApiError, NotEmulated
from rehearsal.errors import RehearsalError

MINISTACK = "1.5.33"
Properties = dict[str, Any]
Resource = tuple[str, dict[str, Any]]
"""Physical id (Ref) and attributes (GetAtt)."""
Create = Callable[[str, Properties, str], Resource]
"""(logical id, properties, stack name)"""
Update = Callable[[str, Properties, Properties, str], Resource]
"""(physical id, old properties, new properties, stack name); another physical id means: replaced."""
Delete = Callable[[str, Properties], None]
"""(physical id, properties); harmless when it is gone."""
Action = Callable[..., Mapping[str, Any] | None]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Any]]
Changed = Callable[[str], None]
"""Told the action, or the CloudFormation type, after something may have changed; on a thread that may block."""

_log = logging.getLogger(__name__)
_READS = ("Describe", "Get", "List", "Search", "Lookup")


@dataclass
class Front:
    """One service: what is ours is answered here, the rest goes to ministack or is refused."""

    service: wire.Service
    theirs: Handler | None
    ours: dict[str, Action] = field(default_factory=dict)
    passes: set[str] | None = None
    changed: Changed | None = None

    async def handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> tuple[int, dict[str, str], Any]:
        """As ministack calls the handler of a service."""
        action = wire.action_of(self.service, headers, body, query)
        if action in self.ours:
            run = concurrency.run_reentrant
            answer: wire.Answer = await run(_answer, self.service, action, self.ours[action], body, query)
            return answer
        if self.theirs is None or (self.passes is not None and action and action not in self.passes):
            _log.warning("%s %s is not emulated", self.service.name, action)
            return wire.failure(self.service, NotEmulated(f"{self.service.name} {action}"))
        status, answered, content = await self.theirs(method, path, headers, body, query)
        if self.changed and status < 400 and not action.startswith(_READS) and method != "GET":
            await concurrency.run_reentrant(self.changed, action)
        return status, answered, content


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
        provision, update = stacks._provision_resource, stacks._update_resource

        def checked_provision(kind: str, logical_id: str, properties: Properties, stack: str) -> Resource:
            check(kind, properties)
            made: Resource = provision(kind, logical_id, properties, stack)
            return made

        def checked_update(kind: str, identifier: str, old: Properties, new: Properties, *rest: Any) -> Resource:
            if old != new:
                check(kind, new)
            made: Resource = update(kind, identifier, old, new, *rest)
            return made

        stacks._provision_resource, stacks._update_resource = checked_provision, checked_update

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

    def physical_name(self, stack: str, logical_id: str, *, longest: int, lower: bool = False) -> str:
        """The name CloudFormation gives a resource that has none of its own."""
        return str(provisioners._physical_name(stack, logical_id, lowercase=lower, max_len=longest))


def application() -> Any:
    """ministack as an ASGI application."""
    assert core is not None
    return app.app


def _answer(service: wire.Service, name: str, action: Action, body: bytes, query: dict[str, Any]) -> wire.Answer:
    try:
        arguments = wire.parse(service, name, body, query)
        arguments.pop("dry_run", None)
        _supported(service, name, action, arguments)
        return wire.success(service, name, action(**arguments))
    except ApiError as error:
        return wire.failure(service, error)
    except Exception as error:  # noqa: BLE001  one request's failure, logged and answered as AWS answers its own
        _log.exception("%s %s failed", service.name, name)
        return wire.failure(service, ApiError("InternalError", f"{type(error).__name__}: {error}", 500))


def _supported(service: wire.Service, name: str, action: Action, arguments: Mapping[str, Any]) -> None:
    """Raises ApiError for a parameter that the action does not take, or needs and has not got."""
    shape = service.operation(name).input_shape
    known = inspect.signature(action).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    for member in shape.members if shape else ():
        argument = xform_name(member)
        if argument in arguments and argument not in known and not takes_any:
            raise NotEmulated(f"{service.name} {name}: parameter {member}")
        if argument not in arguments and argument in known and known[argument].default is inspect.Parameter.empty:
            raise ApiError("MissingParameter", f"The request must contain the parameter {member}")
