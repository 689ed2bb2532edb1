"""Record SSH sessions without a Git service."""

from __future__ import annotations

import subprocess

from tests.gogs_standin.contract.further.site import OPEN_SECONDS
from tests.gogs_standin.contract.further.world import World


def record_ssh_sessions(world: World) -> None:
    """Record commands that are refused, and sessions that ask for a shell, a terminal or nothing."""
    site, host = world.site, "git@127.0.0.1"
    ssh = world.ssh_command(world.key)
    for name, words in (
        ("ssh: ls", [host, "ls"]),
        ("ssh: scp", [host, "scp -t /tmp"]),
        ("ssh: git of no service", [host, "git-foo 'alice/app.git'"]),
        ("ssh: git without a repository", [host, "git-upload-pack"]),
        ("ssh: unknown owner", [host, "git-upload-pack 'nobody/app.git'"]),
        ("ssh: unknown repository", [host, "git-upload-pack 'alice/nothing.git'"]),
        ("ssh: no path", [host, "git-upload-pack 'app'"]),
    ):
        site.record_command(name, [*ssh, *words])
    bob = world.create_key("bob")
    world.create("POST", "/user/keys", world.bob, {"title": "bob", "key": world.read_public_key(bob)})
    site.record_command("ssh: push by a reader", [*world.ssh_command(bob), host, "git-receive-pack 'alice/app.git'"])
    site.record_command(
        "ssh: private repository of another", [*world.ssh_command(bob), host, "git-upload-pack 'alice/secret.git'"]
    )
    for name, words in (
        ("ssh: shell", [host]),
        ("ssh: shell with a terminal", ["-tt", host]),
        ("ssh: sftp", ["-s", host, "sftp"]),
        ("ssh: nothing", ["-N", host]),
    ):
        session = subprocess.Popen(
            [*ssh, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            output, _ = session.communicate(timeout=OPEN_SECONDS)
            site.record(name, ended=session.returncode, said=output.decode())
        except subprocess.TimeoutExpired:
            session.kill()
            output, _ = session.communicate()
            site.record(name, ended=None, said=output.decode())
