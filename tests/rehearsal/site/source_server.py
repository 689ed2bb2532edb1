"""The source's application server as cutover-site sees it, with a real proxy in front of a test's upstream."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.aws.run_record import Decision
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.layout import Layout

from tests.rehearsal.site.front import Front

RUN = "run-1"
FORWARD = "cutover_site.freeze.forward"


class OpenRecord:
    """A run record in which RUN holds the site and nothing is decided."""

    def read(self) -> Decision:
        return Decision(RUN, "")

    def report_held(self, run: str) -> bool:
        return run == RUN

    def decide_thaw(self, run: str) -> Decision:
        return Decision(run, "thaw")


def build_server(
    front: Front,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    request_reload: Callable[[], None] | None = None,
    stop: Callable[[str], None] = lambda _unit: None,
) -> ApplicationServer:
    """Return the server with this proxy. Units, timers, processes and the database of this machine are not touched."""
    machine: Any = SimpleNamespace(layout=Layout(root=folder), record=OpenRecord())
    made = ApplicationServer(machine, require_writable_database=lambda _machine: None)
    made.runtime = front.runtime
    # HAProxy identifies a map by the path in its configuration.
    made.modes, made.hold = front.modes, front.hold
    reload = request_reload or front.request_reload
    fakes: dict[str, Callable[..., object]] = {
        f"{FORWARD}.systemd.reload": lambda _unit: reload(),
        f"{FORWARD}.systemd.disable": lambda _unit: None,
        f"{FORWARD}.systemd.stop": stop,
        "cutover_site.freeze.lease.arm": lambda *_: None,
        "cutover_site.freeze.lease.disarm": lambda *_: None,
        "cutover_site.system.processes.find": lambda _wanted: [],
        "cutover_site.system.processes.end": lambda _wanted: 0,
        "cutover_site.gogs.background.stop": lambda _machine, **_: False,
        "cutover_site.gogs.background.resume": lambda _machine: False,
        "cutover_site.gogs.background.release_webhooks": lambda _machine: None,
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(name, fake)
    return made
