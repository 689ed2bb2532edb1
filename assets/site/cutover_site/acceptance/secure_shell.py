"""The visit's keys, and how git uses them."""

from __future__ import annotations

import re

from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit
from cutover_site.system.commands import run

ENDPOINT = re.compile(r"^(?P<host>[A-Za-z0-9.-]+):(?P<port>\d+)$")
KEY = "key"


def address(visit: Visit) -> str:
    """Of the visit's repository. Raises CheckSkipped when SSH was not asked for."""
    if not visit.ssh:
        raise CheckSkipped("SSH was not asked for")
    endpoint = ENDPOINT.match(visit.ssh)
    if not endpoint:
        raise CheckFailed(f"{visit.ssh!r} is not HOST:PORT")
    return f"ssh://git@{endpoint['host']}:{endpoint['port']}/{visit.full_name}.git"


def make_key(visit: Visit, name: str) -> str:
    """The public key."""
    path = visit.work / name
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", visit.repository, "-f", str(path))
    return path.with_suffix(".pub").read_text().strip()


def authorise(visit: Visit) -> None:
    """The user has the visit's key from now on; `leftovers` takes it away."""
    visit.api("POST", "/user/keys", 201, json={"title": visit.repository, "key": make_key(visit, KEY)})


def shell(visit: Visit, name: str = KEY) -> dict[str, str]:
    return {
        "GIT_SSH_COMMAND": f"ssh -F none -i {visit.work / name} -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=10"
        f" -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={visit.work / f'known_hosts_{name}'}"
    }
