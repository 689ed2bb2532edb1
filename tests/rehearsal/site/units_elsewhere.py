"""An application server whose proxy is that of a test, and whose units are not those of this machine."""

from __future__ import annotations

import pytest
from cutover_site.freeze import switch
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.machine import Machine
from cutover_site.verbs import freeze as freeze_verbs

from tests.rehearsal.site.front import Front


def replace_units(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the freeze use the proxy `front`, and let it start, stop and end nothing on this machine."""

    def create(machine: Machine) -> ApplicationServer:
        created = ApplicationServer(machine)
        created.runtime, created.modes, created.hold = front.runtime, front.modes, front.hold
        return created

    for module in (freeze_verbs, switch):
        monkeypatch.setattr(module, "ApplicationServer", create)
    for name in ("enable", "disable", "restart", "stop", "reload_unit_files", "start"):
        monkeypatch.setattr(f"cutover_site.system.systemd.{name}", lambda *_, **__: None)
    monkeypatch.setattr("cutover_site.system.systemd.is_reload_needed", lambda _unit: False)
    monkeypatch.setattr("cutover_site.system.processes.find", lambda _wanted: [])
    monkeypatch.setattr("cutover_site.system.processes.end", lambda _wanted: 0)
    for name, result in (("stop", False), ("resume", False), ("release_webhooks", None)):
        monkeypatch.setattr(f"cutover_site.gogs.background.{name}", lambda *_, result=result, **__: result)
