"""A real site of somebody else, behind nginx with TLS, is adopted: it serves, its writes can be held, and a release leaves it as it was."""

from __future__ import annotations

import os

import pytest

from tests.rehearsal.adoption.server import CURL, MACHINE, TOOL, Server

pytestmark = [
    pytest.mark.rehearsal,
    pytest.mark.skipif(
        not os.environ.get("GOGS_ARCHIVE"),
        reason="check-source finds the process of a real Gogs only: set GOGS_ARCHIVE",
    ),
]

VARIABLES = f'{{"site_name": "forge", "aws_region": "us-east-1", "node_id": "{MACHINE}", "source_roles": ["source-app", "source-database"], "database_ca_url": ""}}'
PLAY = f"cd /root/assets/ansible && ansible-playbook -i localhost, -c local -e '{VARIABLES}' prepare_source.yml"
HOLD = """
import sys, time
sys.path.insert(0, "/opt/cutover/lib")
from pathlib import Path
from cutover_site.proxy.hold import Hold
from cutover_site.proxy.modes import ProxyModes
from cutover_site.proxy.runtime import Runtime
folder, runtime = Path("/etc/haproxy/cutover"), Runtime(Path("/run/haproxy-master.sock"))
if sys.argv[1] == "frozen":
    Hold(folder, runtime).set_bounds(time.time() + 30, 30)
ProxyModes(folder, runtime).switch(sys.argv[1])
"""


def test_a_site_is_adopted_and_released(server: Server) -> None:
    # Given a site that serves behind nginx, and the packages of the playbook
    assert server.read_status() == 200
    before = server.read_listing()

    # When prepare_source.yml runs
    server.run(PLAY, seconds=300)

    # Then users reach Gogs through nginx and the proxy, and nothing listens where Gogs did but the proxy
    assert server.read_status() == 200
    assert "haproxy" in server.run("ss -ltnpH 'sport = :3000'")
    assert "haproxy" in server.run("ss -ltnpH 'sport = :2222'")
    assert server.run("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:3000/cutover/health") == "200"
    assert server.run("stat -c %i /srv/gogs/repositories") == server.run("stat -c %i /home/git/gogs-repositories")

    # And a write is held while the proxy is frozen, and goes on when it opens
    server.run("cat >/root/hold.py", text=HOLD)
    server.run("python3 /root/hold.py frozen")
    server.run(
        f"({CURL} -m 30 -X POST -d a=b -o /dev/null -w '%{{http_code}}' https://git.example.test/user/login >/root/held) & sleep 2; [ ! -s /root/held ]"
    )
    assert server.read_status("/explore/repos") == 200
    server.run("python3 /root/hold.py open")
    server.run("for i in $(seq 50); do [ -s /root/held ] && break; sleep .1; done; grep -q '[234]..' /root/held")

    # And it serves after a restart of the machine
    server.lab.world.machines.reboot(MACHINE)
    server.lab.world.machines.wait_booted(MACHINE)
    server.run(
        f"for i in $(seq 100); do {CURL} -f -o /dev/null https://git.example.test/healthcheck && exit 0; sleep .2; done; exit 1"
    )
    assert server.run("stat -c %i /srv/gogs/repositories") == server.run("stat -c %i /home/git/gogs-repositories")

    # And a second run changes nothing
    assert "changed=0" in server.run(PLAY, seconds=300)

    # And a release leaves everything as it was
    assert server.call("release-source") == {"ok": True, "changed": True, "kept": []}
    assert server.read_listing() == before
    assert server.read_status() == 200
    assert "gogs" in server.run("ss -ltnpH 'sport = :3000'")
    assert server.run("ls /srv /var/lib/cutover").split() == ["/srv:", "/var/lib/cutover:"]


def test_a_machine_that_cannot_be_migrated_is_refused_with_everything(server: Server) -> None:
    words = f"adopt --site forge --region us-east-1 --node-id {MACHINE} --role source-app --json"
    server.run(
        "sed -i 's/START_SSH_SERVER = true/START_SSH_SERVER = false/' /home/git/gogs/custom/conf/app.ini && chmod 000 /home/git/gogs-repositories"
    )
    before = server.read_listing()
    try:
        result = server.call(words, code=1)
    finally:
        server.run(
            "sed -i 's/START_SSH_SERVER = false/START_SSH_SERVER = true/' /home/git/gogs/custom/conf/app.ini && chmod 755 /home/git/gogs-repositories"
        )
    assert result["reason"].startswith("nothing was changed: ")
    assert "OpenSSH" in result["reason"]
    assert before
    assert server.run(f"{TOOL} release-source").strip().endswith('"kept": []}')
