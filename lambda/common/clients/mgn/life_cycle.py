"""The life cycle of a source server: which state a launch, its end and the end of the migration need.

    READY_FOR_TEST <-> TESTING          start_test leads to TESTING
          |               |
    READY_FOR_CUTOVER <-> CUTTING_OVER  start_cutover leads to CUTTING_OVER
                              |
                           CUTOVER      finalize_cutover; nothing leads back

A launch from another state is a conflict, and so is the termination of an instance in TESTING, CUTTING_OVER and CUTOVER.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.clients.mgn.errors import Conflict
from common.clients.mgn.servers import ENDED, Server, Servers, get_state
from common.clients.mgn.service import Service
from common.errors import StepFailed
from common.run import Launch

TO_READY_FOR_TEST: Mapping[str, tuple[str, ...]] = {
    "READY_FOR_TEST": (),
    "TESTING": (),  # a second test may follow the first one
    "READY_FOR_CUTOVER": ("READY_FOR_TEST",),
    "CUTTING_OVER": ("READY_FOR_CUTOVER", "READY_FOR_TEST"),
}
TO_READY_FOR_CUTOVER: Mapping[str, tuple[str, ...]] = {
    "READY_FOR_TEST": ("READY_FOR_CUTOVER",),
    "TESTING": ("READY_FOR_CUTOVER",),
    "READY_FOR_CUTOVER": (),
    "CUTTING_OVER": ("READY_FOR_CUTOVER",),
}
BEFORE_LAUNCH: Mapping[Launch, Mapping[str, tuple[str, ...]]] = {
    "TEST": TO_READY_FOR_TEST,
    "CUTOVER": TO_READY_FOR_CUTOVER,
}
BEFORE_TERMINATION: Mapping[str, tuple[str, ...]] = {
    "TESTING": ("READY_FOR_TEST",),
    "CUTTING_OVER": ("READY_FOR_CUTOVER",),
}
"""by current state: the changes that lead to the state that is needed"""


class LifeCycle:
    """Changes of the life cycle. Each counts as done when the server has the state already."""

    def __init__(self, service: Service, servers: Servers) -> None:
        self._service, self._servers = service, servers

    def prepare_launch(self, server: Server, kind: Launch) -> str:
        """Lead the server to a state from which this launch may start. Return that state. StepFailed when no way leads there."""
        state = get_state(server)
        if state not in BEFORE_LAUNCH[kind]:
            raise StepFailed(
                f"a {kind} launch is not possible in the life cycle state {state or 'unknown'}",
                machine=str(server["sourceServerID"]),
                next_action="wait for the initial sync to end, or correct the server in the MGN console",
            )
        return self._follow(server, BEFORE_LAUNCH[kind][state])

    def leave_launch(self, server: Server) -> str:
        """Take the server out of TESTING or CUTTING_OVER, so that its instance may be terminated. Return the state then."""
        return self._follow(server, BEFORE_TERMINATION.get(get_state(server), ()))

    def finalize(self, server: Server) -> str:
        """Finalize the cutover. Return the state then. NOT REVERSIBLE."""
        server_id = str(server["sourceServerID"])
        if get_state(server) in ENDED:
            return get_state(server)
        try:
            return get_state(self._service.call("finalize_cutover", sourceServerID=server_id))
        except Conflict:
            # The response to an earlier call may be lost: already finalized is done.
            if (state := get_state(self._servers.read(server_id))) in ENDED:
                return state
            raise

    def _follow(self, server: Server, changes: tuple[str, ...]) -> str:
        state = get_state(server)
        for state in changes:
            self._change(str(server["sourceServerID"]), state)
        return state

    def _change(self, server_id: str, state: str) -> None:
        wanted: Mapping[str, Any] = {"state": state}
        try:
            self._service.call("change_server_life_cycle_state", sourceServerID=server_id, lifeCycle=wanted)
        except Conflict:
            if get_state(self._servers.read(server_id)) != state:
                raise
