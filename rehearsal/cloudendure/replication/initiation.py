"""What happens before the first block is copied: the published steps, in their order, each with its own check."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rehearsal.cloudendure.models import STEPS, build_initiation
from rehearsal.cloudendure.responses import Json, format_date, now
from rehearsal.cloudendure.store import Store
from rehearsal.errors import RehearsalError

Check = Callable[[], None]
"""Raises RehearsalError with the reason why the step fails."""


ATTEMPTS_KEPT = 10


class InitiationFailed(RehearsalError):
    """A step failed. The record has its name and the reason."""


def initiate(store: Store, machine: str, checks: Mapping[str, Check], pause: Callable[[], None]) -> None:
    """Go through all steps, recorded as they happen.

    This process is the replication server, so booting it and talking to the management server take no work of their own; what
    can fail here is checked by `checks`, by name of the step. Raises InitiationFailed.
    """
    with store.edit() as state:
        info = state["machines"][machine]["replicationInfo"]
        items = info["initiationStates"]["items"]
        items[:] = [*items[1 - ATTEMPTS_KEPT :], build_initiation()]
    for index, name in enumerate(STEPS):
        _mark(store, machine, index, "STARTED")
        pause()
        try:
            checks.get(name, _do_nothing)()
        except RehearsalError as error:
            _mark(store, machine, index, "FAILED", str(error))
            with store.edit():  # what is shown is saved
                pass
            raise InitiationFailed(f"{name}: {error}") from error
        _mark(store, machine, index, "SUCCEEDED")
    with store.edit() as state:
        state["machines"][machine]["lifeCycle"]["connectionEstablishedDateTime"] = format_date(now())


def _mark(store: Store, machine: str, index: int, status: str, message: str = "") -> None:
    with store.read() as state:
        step: Json = state["machines"][machine]["replicationInfo"]["initiationStates"]["items"][-1]["steps"][index]
        step.update(status=status, message=message)


def _do_nothing() -> None:
    return
