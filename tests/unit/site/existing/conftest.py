from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.site.existing.gogs_site import GOGS_PID, PROGRAM, READY
from tests.unit.site.existing.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def site(server: Server) -> Server:
    """Return a server with a Gogs that has nothing unusual but its places."""
    server.write("home/git/gogs/custom/conf/app.ini", READY)
    server.write("home/git/gogs/gogs", PROGRAM).chmod(0o755)
    for folder in (server.root, server.home, server.home / "gogs"):
        folder.chmod(0o755)
    (server.home / "repositories").mkdir()
    server.install_unit()
    server.listen(("0100007F", 3000), ("00000000", 2223), ("00000000", 22))
    server.start(GOGS_PID, "{root}/home/git/gogs/gogs", "web", sockets=(1001, 1002))
    server.start(5, "/usr/sbin/sshd", group="0::/system.slice/ssh.service", sockets=(1003,))
    return server
