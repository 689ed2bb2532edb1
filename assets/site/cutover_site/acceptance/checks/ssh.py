"""git clones and pushes over SSH with a key that was added through the API; a key that was not added is refused."""

import re

from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit
from cutover_site.system.commands import run

ENDPOINT = re.compile(r"^(?P<host>[A-Za-z0-9.-]+):(?P<port>\d+)$")


def check(visit: Visit) -> None:
    if not visit.ssh:
        raise CheckSkipped("SSH was not asked for")
    endpoint = ENDPOINT.match(visit.ssh)
    if not endpoint:
        raise CheckFailed(f"{visit.ssh!r} is not HOST:PORT")
    url = f"ssh://git@{endpoint['host']}:{endpoint['port']}/{visit.full_name}.git"
    key = visit.work / "key"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", visit.repository, "-f", str(key))
    shell = {
        "GIT_SSH_COMMAND": f"ssh -F none -i {key} -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=10"
        f" -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={visit.work / 'known_hosts'}"
    }
    if _clones(visit, url, shell):
        raise CheckFailed("a key that nobody added may clone a private repository")
    added = visit.api(
        "POST", "/user/keys", 201, json={"title": visit.repository, "key": key.with_suffix(".pub").read_text().strip()}
    )
    try:
        visit.git("clone", "-q", url, str(visit.work / "by-ssh"), environment=shell)
        visit.git("push", "-q", "origin", "HEAD:refs/heads/by-ssh", cwd=visit.work / "by-ssh", environment=shell)
    finally:
        visit.api("DELETE", f"/user/keys/{added['id']}", 204)
    names = [branch["name"] for branch in visit.api("GET", f"/repos/{visit.full_name}/branches", 200)]
    if "by-ssh" not in names:
        raise CheckFailed(f"the branch pushed over SSH is not there, only {names}")


def _clones(visit: Visit, url: str, shell: dict[str, str]) -> bool:
    try:
        visit.git("ls-remote", url, environment=shell)
    except CheckFailed as refused:
        if "ermission denied" not in str(refused) and "not exist" not in str(refused):
            raise
        return False
    return True
