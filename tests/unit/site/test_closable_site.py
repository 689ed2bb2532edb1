"""One attempt to stop writes, when somebody decides or resumes writes in the moment before its step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.aws.run_record import Decision
from cutover_site.errors import Refused
from cutover_site.freeze.closing import ClosableSite
from cutover_site.freeze.state import FreezeState
from cutover_site.freeze.store import FreezeStore
from cutover_site.layout import Layout
from cutover_site.proxy.hold import Held

RUN, OTHER = "run-1", "run-2"
LEASE_UNTIL = 1000.0


@dataclass
class Server:
    """What the attempts need of the application server. `done` has what was changed, in order."""

    folder: Path
    decision: Decision = field(default_factory=lambda: Decision(RUN, ""))
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.layout: Any = Layout(root=self.folder)
        self.machine: Any = SimpleNamespace(record=SimpleNamespace(read=lambda: self.decision))
        self.runtime: Any = SimpleNamespace(
            read_transferred=lambda _backend: {}, list_sessions=lambda _backends: {}, count_sessions=lambda _backend: 1
        )
        self.modes: Any = SimpleNamespace(switch=lambda mode: self.done.append(f"proxy {mode}"))
        self.store = FreezeStore(self.folder / "freeze.json")
        self.hold: Any = SimpleNamespace(set_bounds=lambda *_: self.done.append("bounds"), count_held=Held)
        self.tcp_backends: list[str] = []

    def require_writable_database(self, _machine: object) -> None:
        """Find it writable."""

    def count_working_sessions(self) -> int:
        return 0


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server(tmp_path)
    monkeypatch.setattr("cutover_site.freeze.lease.arm", lambda *_: made.done.append("lease"))
    return made


@pytest.fixture
def site(server: Server) -> ClosableSite:
    return ClosableSite(server, RUN, LEASE_UNTIL, hold_seconds=12)


@pytest.mark.parametrize(
    "decision", [Decision(RUN, "rollback"), Decision(RUN, "thaw"), Decision(RUN, "commit"), Decision(OTHER, "")]
)
def test_an_attempt_does_not_close_the_site_after_the_decision(
    server: Server, site: ClosableSite, decision: Decision
) -> None:
    """The command has checked the record before. Between that and the lock of the freeze state, a roll back may decide."""
    server.decision = decision

    with pytest.raises(Refused, match="is over"):
        site.close()

    assert server.done == []
    assert server.store.read() == FreezeState()


@pytest.fixture
def closed(server: Server, site: ClosableSite) -> ClosableSite:
    """A site that an attempt has closed."""
    site.close()
    assert server.done == ["lease", "bounds", "proxy frozen"]
    assert server.store.read() == FreezeState("frozen", RUN, LEASE_UNTIL)
    server.done.clear()
    return site


@pytest.mark.parametrize("state", [FreezeState(), FreezeState("frozen", OTHER, LEASE_UNTIL)])
@pytest.mark.parametrize("step", ["close", "open", "drain", "list_old_writes"])
def test_no_step_of_a_later_attempt_changes_a_site_whose_freeze_has_ended(
    server: Server, closed: ClosableSite, step: str, state: FreezeState
) -> None:
    """Somebody has resumed writes: the site is open, or another run has frozen it."""
    server.store.write(state)
    steps: dict[str, Callable[[], object]] = {
        "close": closed.close,
        "open": closed.open,
        "drain": lambda: closed.drain(1.0, cut=True),
        "list_old_writes": lambda: closed.list_old_writes(3.0),
    }

    with pytest.raises(Refused, match="does not hold a freeze"):
        steps[step]()

    assert server.done == []
    assert server.store.read() == state
