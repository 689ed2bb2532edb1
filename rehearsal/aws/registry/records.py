"""Reach ministack's own stores, functions and processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack import app  # type: ignore[import-untyped]
from ministack.core import lambda_runtime  # type: ignore[import-untyped]
from ministack.services import cloudformation  # type: ignore[import-untyped]
from ministack.services.cloudformation import provisioners, wait_conditions  # type: ignore[import-untyped]

from rehearsal.aws.registry import function_code, workers


class Records:
    """The part of the registry for ministack's internals."""

    def get_records(self, service: str, store: str) -> Mapping[str, Any]:
        """Return a live store of ministack by service and name (ec2, security_groups). Its values are ministack's own dicts."""
        found: Mapping[str, Any] = getattr(app._get_module(service), f"_{store}")
        return found

    def put_record(self, service: str, store: str, key: str, record: Any) -> None:
        """Put a record of a checkpoint into a store, in the place of the one that is there."""
        getattr(app._get_module(service), f"_{store}")[key] = record

    def remove_record(self, service: str, store: str, key: str) -> None:
        """Remove a record of a store; harmless when there is none."""
        getattr(app._get_module(service), f"_{store}").pop(key, None)

    def get_function(self, service: str, name: str) -> Callable[..., Any]:
        """Return a function of one of ministack's services."""
        found: Callable[..., Any] = getattr(app._get_module(service), name)
        return found

    def replace_function(self, service: str, name: str, function: Callable[..., Any]) -> None:
        """Replace a function of ministack by `function`. Raises TypeError when ministack has no such function."""
        module = provisioners if service == "cloudformation" else app._get_module(service)
        if not callable(getattr(module, name)):
            raise TypeError(f"ministack's {service}.{name} is no function")
        setattr(module, name, function)

    def end_invocations(self) -> None:
        """Kill the process of each Lambda function that runs, and wait for its end. Its caller gets an error."""
        with lambda_runtime._lock:
            workers = [worker for pool in lambda_runtime._workers.values() for worker in pool if worker.in_use]
        for process in [worker._proc for worker in workers]:
            if process is not None:
                process.kill()
                process.wait()

    def share_code(self) -> None:
        """Make the service unpack the code of functions once for each archive."""
        function_code.share_code()

    def keep_workers(self) -> None:
        """Keep the process of a function that raised an error, as Lambda does."""
        workers.keep_workers()

    def find_resource(self, stack: str, identifier: str) -> tuple[str, Mapping[str, Any]]:
        """Return the logical id and the definition of a resource of a stack, by its physical id."""
        record = cloudformation._stacks[stack]
        name = next(key for key, one in record["_resources"].items() if one["PhysicalResourceId"] == identifier)
        return name, record["_template"]["Resources"][name]

    def wait_for_signal(self, stack: str, logical_id: str, kind: str, seconds: float) -> None:
        """Wait until SignalResource has reported one success of the resource. Raises TimeoutError, RuntimeError for a failure."""
        stack_id = cloudformation._stacks[stack]["StackId"]
        slot = wait_conditions.register_slot(stack_id)
        wait_conditions.wait_for(slot, stack_id, stack, logical_id, kind, 1, seconds)

    def generate_physical_name(self, stack: str, logical_id: str, *, longest: int, lower: bool = False) -> str:
        """Return the name that CloudFormation generates for a resource without a name in the template."""
        return str(provisioners._physical_name(stack, logical_id, lowercase=lower, max_len=longest))
