"""Fill the site as its users did: repositories, LFS objects, issues, a mirror, a second factor. Everything by its own interfaces."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rehearsal.client.site import Account, Site, create_administrator_token, make_account, save_credentials
from rehearsal.client.web_writers import upload_lfs
from rehearsal.errors import RehearsalError
from rehearsal.foreign_site.second_factor import enable_second_factor

WRITER, CAREFUL = "alice", "bob"
"""CAREFUL has a second factor, if anybody has."""
REPOSITORY, MIRROR = f"{WRITER}/tools", f"{WRITER}/tools-mirror"
_LFS_BYTES = 300_000
_GIT_SECONDS = 60


def fill(
    url: str, folder: Path, administrator: tuple[str, str], *, is_release: bool, has_second_factor: bool
) -> dict[str, Any]:
    """Make users and content; return what there is. The stand-in has no mirrors, and no form for a second factor.

    Raises HTTPError when the site refuses something, and RehearsalError when git does.
    """
    folder.mkdir(parents=True, mode=0o700)
    token = create_administrator_token(url, administrator)
    alice, bob = (make_account(url, token, name) for name in (WRITER, CAREFUL))
    site = Site(url, alice)
    site.call_api("POST", "/user/repos", json={"name": REPOSITORY.split("/")[1], "private": False})
    push_history(url, folder, alice)
    content = os.urandom(_LFS_BYTES)
    oid = hashlib.sha256(content).hexdigest()
    upload_lfs(site, REPOSITORY, oid, content)
    issue = site.call_api("POST", f"/repos/{REPOSITORY}/issues", json={"title": "Grüße", "body": "the first one"})
    site.call_api("POST", f"/repos/{REPOSITORY}/issues/{issue['number']}/comments", json={"body": "answered"})
    made = {"users": [WRITER, CAREFUL], "repository": REPOSITORY, "lfs": oid, "issue": issue["number"]}
    if is_release:
        owner = site.call_api("GET", "/user")
        mirror = {"clone_addr": f"{url}/{REPOSITORY}.git", "uid": owner["id"], "mirror": True}
        site.call_api("POST", "/repos/migrate", json={**mirror, "repo_name": MIRROR.split("/")[1]})
        made["mirror"] = MIRROR
    if has_second_factor:
        enable_second_factor(Site(url, bob))
        made["second_factor"] = CAREFUL
    return made


def push_history(url: str, folder: Path, account: Account) -> None:
    """Push two commits and a tag by HTTP. Raises RehearsalError."""
    tree, credentials = folder / "tools", folder / "credentials"
    tree.mkdir()
    save_credentials(url, account, credentials)
    _run_git(tree, ["init", "-q", "-b", "master"])
    for key, value in (
        ("user.name", account.name),
        ("user.email", f"{account.name}@example.com"),
        ("credential.helper", f"store --file {credentials}"),
    ):
        _run_git(tree, ["config", key, value])
    for number in (1, 2):
        (tree / "README.md").write_text(f"# Tools\n\nrevision {number}\n")
        _run_git(tree, ["add", "README.md"])
        _run_git(tree, ["commit", "-q", "-m", f"Revision {number}"])
    _run_git(tree, ["tag", "v1"])
    _run_git(tree, ["push", "-q", f"{url}/{REPOSITORY}.git", "master", "v1"])


def _run_git(tree: Path, words: Sequence[str]) -> None:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", *words],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=_GIT_SECONDS,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise RehearsalError(f"git {words[0]} failed at the site: {last}")
