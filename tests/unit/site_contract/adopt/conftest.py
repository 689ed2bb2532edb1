from __future__ import annotations

import pytest
from cutover_site.adopt.units import UnitState

from tests.unit.site.existing.conftest import server
from tests.unit.site.existing.gogs_site import GOGS_PID, READY
from tests.unit.site.existing.server import Server
from tests.unit.site_contract.adopt.machine import FakeUnits, install_front

__all__ = ["server"]


@pytest.fixture(autouse=True)
def _no_wait_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal is written before each change. Waiting for the disk each time would take most of the time of these tests."""
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


@pytest.fixture
def units() -> FakeUnits:
    return FakeUnits({"gogs.service": UnitState(is_active=True, is_enabled=True)})


@pytest.fixture
def forge(server: Server) -> Server:
    """Return a server with Gogs in the home of its user, behind nginx."""
    server.write("home/git/gogs/custom/conf/app.ini", READY).chmod(0o640)
    server.install_unit()
    server.listen(("0100007F", 3000), ("00000000", 2222), ("00000000", 443), ("00000000", 80))
    server.start(GOGS_PID, "{root}/home/git/gogs/gogs", "web", sockets=(1001, 1002))
    server.start(5, "/usr/sbin/nginx", group="0::/system.slice/nginx.service", sockets=(1003, 1004))
    server.write(
        "etc/nginx/conf.d/forge.conf", "ssl_certificate_key /etc/nginx/forge.key;\nproxy_pass http://127.0.0.1:3000;\n"
    )
    server.write("etc/nginx/forge.key", "key")
    for name in ("repositories", "gogs/data/ssh", "gogs/data/sessions"):
        (server.home / name).mkdir(parents=True, exist_ok=True)
    install_front(server)
    server.app_ini.write_text(READY.replace("{root}", str(server.root)).replace("SSH_LISTEN_PORT = 2223\n", ""))
    return server
