"""Give the acceptance user SSH access: the address, the session's keys, and the environment in which git uses them."""

from __future__ import annotations

import re
import secrets

from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.gogs.acceptance.settings import KEY_BITS, KEY_TYPES
from cutover_site.system.commands import run

ENDPOINT = re.compile(r"^(?P<host>[A-Za-z0-9.-]+):(?P<port>\d+)$")
KEY = "key"
# Today's clients offer these only on request. The site's owner may require them (SSH_SERVER_CIPHERS, SSH_SERVER_MACS, an RSA host key).
OLDER_ALGORITHMS = ("Ciphers=+aes128-cbc,3des-cbc", "MACs=+hmac-sha1-96", "HostKeyAlgorithms=+ssh-rsa")


def require_address(session: GogsSession) -> str:
    """Return the SSH address of the session's repository. Where the site has no SSH, check that nobody can read.

    Raises CheckSkipped when the caller did not request SSH, or the site has none.
    """
    session.require_repository()
    return require_address_of(session, session.full_name)


def require_address_of(session: GogsSession, full_name: str) -> str:
    """Return the SSH address of a repository (owner/name). Where the site has no SSH, check that nobody can read.

    Raises CheckSkipped when the caller did not request SSH, or the site has none.
    """
    if not session.ssh:
        raise CheckSkipped("SSH was not asked for")
    endpoint = ENDPOINT.match(session.ssh)
    if not endpoint:
        raise CheckFailed(f"{session.ssh!r} is not HOST:PORT")
    url = f"ssh://{session.ssh_user}@{endpoint['host']}:{endpoint['port']}/{full_name}.git"
    if not session.offers_ssh:
        _require_refusal(session, url)
        raise CheckSkipped("the site has no SSH", setting="[server] DISABLE_SSH = true")
    return url


def _require_refusal(session: GogsSession, url: str) -> None:
    """Require that nobody can read over SSH. Raises CheckFailed.

    Gogs's own SSH server may still accept connections.
    """
    name = f"refused-{secrets.token_hex(4)}"
    make_key(session, name)
    try:
        session.run_git("ls-remote", url, environment=make_environment(session, name))
    except CheckFailed:
        return
    raise CheckFailed(f"SSH is disabled, and {session.ssh} serves a repository")


def make_key(session: GogsSession, name: str, kind: str = "ed25519") -> str:
    """Create a key pair in the session's folder. Return the public key."""
    path = session.work / name
    run("ssh-keygen", "-q", "-t", kind, "-b", str(KEY_BITS[kind]), "-N", "", "-C", session.repository, "-f", str(path))
    return path.with_suffix(".pub").read_text().strip()


def authorize(session: GogsSession) -> str:
    """Add a key of a type that the site accepts to the user. Return the key's name.

    The cleanup removes the key. Raises CheckSkipped when the site accepts none of the types, and CheckFailed when it refuses
    one that its settings allow.
    """
    allowed = session.settings.key_types if session.settings else KEY_TYPES
    for kind in allowed:
        name = f"{KEY}_{kind}"
        response = session.add_key(session.repository, make_key(session, name, kind))
        if response.status_code == 201:
            return name
        if session.settings or response.status_code != 422:
            raise CheckFailed(
                f"POST /api/v1/user/keys answered {response.status_code} to a key of {kind}, expected 201: {response.text[:200]}"
            )
    raise CheckSkipped(
        f"the site takes no SSH key of {', '.join(f'{kind} with {bits} bits' for kind, bits in KEY_BITS.items())}",
        setting="[ssh.minimum_key_sizes] refuses each of them",
    )


def make_environment(session: GogsSession, name: str) -> dict[str, str]:
    """Return the environment in which git connects with the session's key `name` and no other key."""
    older = " ".join(f"-o {option}" for option in OLDER_ALGORITHMS)
    return {
        "GIT_SSH_COMMAND": f"ssh -F none -i {session.work / name} -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=10"
        f" -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={session.work / f'known_hosts_{name}'} {older}"
    }
