"""Register resource types of CloudFormation, and add hooks to those that ministack has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services.cloudformation import provisioners, stacks  # type: ignore[import-untyped]

from rehearsal.aws.exceptions import NotEmulated

Properties = dict[str, Any]
Resource = tuple[str, dict[str, Any]]
"""Physical id (Ref) and attributes (GetAtt)."""
Create = Callable[[str, Properties, str], Resource]
"""(logical id, properties, stack name)"""
Update = Callable[[str, Properties, Properties, str], Resource]
"""(physical id, old properties, new properties, stack name); another physical id means: replaced."""
Delete = Callable[[str, Properties], None]
"""(physical id, properties); harmless when it is gone."""


class ResourceTypes:
    """The part of the registry for CloudFormation."""

    def __init__(self) -> None:
        self._threaded: set[str] = set()
        runs_on_thread = stacks._runs_on_worker_thread
        stacks._runs_on_worker_thread = lambda kind: kind in self._threaded or runs_on_thread(kind)

    def register_type(
        self,
        name: str,
        *,
        create: Create,
        delete: Delete,
        update: Update | None = None,
        replace: bool = True,
        tags: bool = False,
    ) -> None:
        """Register a resource type; its handlers run on a thread.

        Without `update` each change replaces the resource; with `replace=False` as well, each change is refused. `tags`: `Tags`
        gets the stack's own tags too.
        """

        def update_or_replace(
            identifier: str, old: Properties, new: Properties, stack: str, logical_id: str
        ) -> Resource:
            if update:
                return update(identifier, old, new, stack)
            if replace:
                return create(logical_id, new, stack)  # CloudFormation deletes the old one when the update is complete
            changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
            raise NotEmulated(f"an update of {', '.join(changed)} of {name} {identifier}")

        handlers = {"create": create, "update": update_or_replace, "update_with_logical_id": True, "delete": delete}
        provisioners._RESOURCE_HANDLERS[name] = handlers
        self._threaded.add(name)
        if tags:
            provisioners._STACK_TAG_PROPERTY.setdefault(name, ("Tags", "list"))

    def check_properties(self, check: Callable[[str, Properties], None]) -> None:
        """Add a check that is called with type and properties before a resource is created or updated. Its exception fails the resource."""
        for module in (stacks, provisioners):  # resources of a stack, and those of a nested one
            module._provision_resource = _wrap_provision(check, module._provision_resource)
            module._update_resource = _wrap_update(check, module._update_resource)

    def keep_nested_attributes(self) -> None:
        """Keep the attributes of all resources that ministack has created.

        ministack does not hand an update of a nested stack the attributes of the stack's resources, so that those which it leaves
        as they are would have none afterwards.
        """
        provision, update = provisioners._provision_resource, provisioners._update_resource
        known: dict[tuple[str, str], Properties] = {}

        def provision_and_remember(kind: str, *rest: Any) -> Resource:
            made: Resource = provision(kind, *rest)
            known[kind, made[0]] = made[1]
            return made

        def update_and_remember(kind: str, identifier: str, old: Properties, new: Properties, *rest: Any) -> Resource:
            if old == new:
                return identifier, known.get((kind, identifier), {})
            made: Resource = update(kind, identifier, old, new, *rest)
            known[kind, made[0]] = made[1]
            return made

        provisioners._provision_resource, provisioners._update_resource = provision_and_remember, update_and_remember

    def wrap_type(
        self,
        name: str,
        *,
        before: Callable[[Properties], Properties] | None = None,
        after: Callable[[str, Properties], Mapping[str, Any]] | None = None,
        gone: Callable[[str], None] | None = None,
    ) -> None:
        """Keep ministack's own type, with hooks.

        `before` may change the properties, `after` (create and update) adds or corrects attributes, `gone` is called after the
        deletion. All are called on a thread.
        """
        handlers = dict(provisioners._RESOURCE_HANDLERS[name])
        create, update, delete = handlers["create"], handlers.get("update"), handlers["delete"]

        def prepare(properties: Properties) -> Properties:
            return before(dict(properties)) if before else properties

        def complete(made: Resource, properties: Properties) -> Resource:
            identifier, attributes = made
            return identifier, {**(attributes or {}), **(after(identifier, properties) if after else {})}

        def create_wrapped(logical_id: str, properties: Properties, stack: str) -> Resource:
            return complete(create(logical_id, prepare(properties), stack), properties)

        def update_wrapped(identifier: str, old: Properties, new: Properties, *rest: Any) -> Resource:
            assert update is not None
            return complete(update(identifier, prepare(old), prepare(new), *rest), new)

        def delete_wrapped(identifier: str, properties: Properties, *rest: Any) -> None:
            delete(identifier, properties, *rest)
            if gone:
                gone(identifier)

        handlers.update(create=create_wrapped, delete=delete_wrapped, **({"update": update_wrapped} if update else {}))
        provisioners._RESOURCE_HANDLERS[name] = handlers
        self._threaded.add(name)

    def show_as(self, name: str, shown: Callable[[str, Mapping[str, Any]], str]) -> None:
        """Replace the Ref of a resource type of ministack by the one that CloudFormation documents."""
        handlers = dict(provisioners._RESOURCE_HANDLERS[name])
        create, update, delete = handlers["create"], handlers["update"], handlers["delete"]
        theirs: dict[str, str] = {}

        def show(made: Resource) -> Resource:
            identifier = shown(*made)
            theirs[identifier] = made[0]
            return identifier, made[1]

        def update_shown(identifier: str, *rest: Any) -> Resource:
            return show(update(theirs.get(identifier, identifier), *rest))

        def delete_shown(identifier: str, *rest: Any) -> None:
            delete(theirs.pop(identifier, identifier), *rest)

        handlers.update(create=lambda *arguments: show(create(*arguments)), update=update_shown, delete=delete_shown)
        provisioners._RESOURCE_HANDLERS[name] = handlers


def _wrap_provision(check: Callable[[str, Properties], None], provision: Callable[..., Resource]) -> Any:
    def provision_checked(kind: str, logical_id: str, properties: Properties, stack: str) -> Resource:
        check(kind, properties)
        return provision(kind, logical_id, properties, stack)

    return provision_checked


def _wrap_update(check: Callable[[str, Properties], None], update: Callable[..., Resource]) -> Any:
    def update_checked(kind: str, identifier: str, old: Properties, new: Properties, *rest: Any) -> Resource:
        if old != new:
            check(kind, new)
        return update(kind, identifier, old, new, *rest)

    return update_checked
