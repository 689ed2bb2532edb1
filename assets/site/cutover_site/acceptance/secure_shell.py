"""The visit's keys, and how git uses them."""

from __future__ import annotations

import re
import secrets

from cutover_site.acceptance.settings import KEY_TYPES
from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit
from cutover_site.system.commands import run

ENDPOINT = re.compile(r"^(?P<host>[A-Za-z0-9.-]+):(?P<port>\d+)$")
KEY = "key"
BITS = {"rsa": "4096", "ecdsa": "521"}
# What the site's owner may have set (SSH_SERVER_CIPHERS, SSH_SERVER_MACS, a host key of RSA only) and today's clients offer only when asked.
OLDER_ALGORITHMS = ("Ciphers=+aes128-cbc,3des-cbc", "MACs=+hmac-sha1-96", "HostKeyAlgorithms=+ssh-rsa")


def address(visit: Visit) -> str:
    """Of the visit's repository. Raises CheckSkipped when SSH was not asked for, or the site has none."""
    visit.require_repository()
    return address_of(visit, visit.full_name)


def address_of(visit: Visit, full_name: str) -> str:
    if not visit.ssh:
        raise CheckSkipped("SSH was not asked for")
    endpoint = ENDPOINT.match(visit.ssh)
    if not endpoint:
        raise CheckFailed(f"{visit.ssh!r} is not HOST:PORT")
    url = f"ssh://git@{endpoint['host']}:{endpoint['port']}/{full_name}.git"
    if not visit.offers_ssh:
        _require_refusal(visit, url)
        raise CheckSkipped("the site has no SSH", setting="[server] DISABLE_SSH = true")
    return url


def _require_refusal(visit: Visit, url: str) -> None:
    """Gogs's own SSH server may greet all the same; nobody may read by it. Raises CheckFailed."""
    name = f"refused-{secrets.token_hex(4)}"
    make_key(visit, name)
    try:
        visit.git("ls-remote", url, environment=shell(visit, name))
    except CheckFailed:
        return
    raise CheckFailed(f"SSH is disabled, and {visit.ssh} serves a repository")


def make_key(visit: Visit, name: str, kind: str = "ed25519") -> str:
    """Return the public key."""
    path = visit.work / name
    bits = ("-b", BITS[kind]) if kind in BITS else ()
    run("ssh-keygen", "-q", "-t", kind, *bits, "-N", "", "-C", visit.repository, "-f", str(path))
    return path.with_suffix(".pub").read_text().strip()


def authorise(visit: Visit) -> str:
    """Give the user a key of a type that the site takes; return the key's name. `leftovers` takes it away.

    Raises CheckSkipped when it takes none of them, CheckFailed when it refuses one that its settings allow.
    """
    allowed = visit.settings.key_types if visit.settings else KEY_TYPES
    for kind in allowed:
        name = f"{KEY}_{kind}"
        answer = visit.call("POST", "/user/keys", json={"title": visit.repository, "key": make_key(visit, name, kind)})
        if answer.status_code == 201:
            return name
        if visit.settings or answer.status_code != 422:
            raise CheckFailed(
                f"POST /api/v1/user/keys answered {answer.status_code} to a key of {kind}, expected 201: {answer.text[:200]}"
            )
    raise CheckSkipped(
        f"the site takes no SSH key of {', '.join(KEY_TYPES)}", setting="[ssh.minimum_key_sizes] -1 for each of them"
    )


def shell(visit: Visit, name: str) -> dict[str, str]:
    older = " ".join(f"-o {option}" for option in OLDER_ALGORITHMS)
    return {
        "GIT_SSH_COMMAND": f"ssh -F none -i {visit.work / name} -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=10"
        f" -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={visit.work / f'known_hosts_{name}'} {older}"
    }
