"""Record what the administrator's command line prints."""

from __future__ import annotations

import re

from tests.gogs_standin.contract.further.world import World


def record_admin_commands(world: World) -> None:
    """Record exit codes and output of `gogs admin`."""
    site = world.site
    for name, words in (
        (
            "user who is there",
            ["create-user", "--name", "alice", "--password", "x-Pass-1", "--email", "new@example.com"],
        ),
        (
            "address that is there",
            ["create-user", "--name", "new", "--password", "x-Pass-1", "--email", "alice@example.com"],
        ),
        ("reserved name", ["create-user", "--name", "api", "--password", "x-Pass-1", "--email", "new@example.com"]),
        ("no password", ["create-user", "--name", "new", "--email", "new@example.com"]),
        ("hooks", ["resync-hooks"]),
        ("keys", ["rewrite-authorized-keys"]),
    ):
        done = site.admin_command(*words)
        last = re.sub(r"^\S+ \S+ (\[\w+\]) (\[\S+ \S+\] )?", r"\1 ", (done.stdout.strip().splitlines() or [""])[-1])
        site.record(f"admin: {name}", exit=done.returncode, stdout=last, stderr=done.stderr.strip())
