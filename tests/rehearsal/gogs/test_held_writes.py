"""Writes of real clients that begin while a frozen proxy holds them: all succeed in one try after the release."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from tests.gogs_standin.served.servers import ADMIN, Gogs
from tests.rehearsal.site.background import Background, wait_until_held
from tests.rehearsal.site.front import Front

pytestmark = pytest.mark.rehearsal
HELD_SECONDS = 2.0


@pytest.fixture
def front(gogs: Gogs, tmp_path: Path) -> Iterator[Front]:
    folder = tmp_path / "front"
    folder.mkdir()
    upstream: Any = SimpleNamespace(http=f"127.0.0.1:{gogs.http}", ssh=f"127.0.0.1:{gogs.ssh}", database="OK")
    with Front(folder, upstream) as made:
        yield made


@pytest.fixture
def key(gogs: Gogs, tmp_path: Path) -> Path:
    """Create the repository root/app and an SSH key of its owner. Return the file of the key."""
    header, key = gogs.token(), tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = {"title": "laptop", "key": key.with_suffix(".pub").read_text()}
    for path, body in (("/user/keys", public), ("/user/repos", {"name": "app"})):
        requests.post(f"{gogs.url}/api/v1{path}", headers=header, json=body, timeout=20).raise_for_status()
    return key


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Create a working tree with one commit, whose file does not fit into one buffer of the proxy."""
    tree = tmp_path / "tree"
    who = ["-c", "user.name=Root", "-c", "user.email=root@example.com"]
    subprocess.run(["git", "init", "-q", "-b", "master", str(tree)], check=True)
    (tree / "large").write_bytes(os.urandom(3_000_000))
    subprocess.run(["git", "add", "large"], cwd=tree, check=True)
    subprocess.run(["git", *who, "commit", "-q", "-m", "first"], cwd=tree, check=True)
    return tree


def push(tree: Path, url: str, branch: str, key: Path | None = None) -> str:
    """Push once. Return the error, empty if the push succeeded."""
    options = ["IdentitiesOnly=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
    ssh = " ".join(["ssh", "-F", "none", "-i", str(key), *(f"-o{option}" for option in options)])
    done = subprocess.run(
        ["git", "push", "-q", url, f"master:{branch}"], cwd=tree, env={**os.environ, "GIT_SSH_COMMAND": ssh},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stderr or "failed"


def upload_lfs_object(front: Front, content: bytes) -> int:
    """Upload an object as git-lfs does: the batch, then the object. Return the status of the last request."""
    site = f"http://127.0.0.1:{front.http}/root/app.git/info/lfs/objects"
    oid = hashlib.sha256(content).hexdigest()
    headers = {"Accept": "application/vnd.git-lfs+json", "Content-Type": "application/vnd.git-lfs+json"}
    body = {"operation": "upload", "objects": [{"oid": oid, "size": len(content)}]}
    batch = requests.post(f"{site}/batch", json=body, headers=headers, auth=ADMIN, timeout=60)
    if not batch.ok:
        return batch.status_code
    headers = {"Content-Type": "application/octet-stream"}
    return requests.put(f"{site}/basic/{oid}", data=content, headers=headers, auth=ADMIN, timeout=60).status_code


def list_branches(gogs: Gogs) -> set[str]:
    command = ["git", "-c", "safe.directory=*", "for-each-ref", "--format=%(refname:short)"]
    return set(subprocess.check_output(command, cwd=gogs.repositories / "root/app.git", text=True).split())


def test_pushes_uploads_and_requests_that_begin_while_held_succeed_in_one_try(
    gogs: Gogs, front: Front, key: Path, tree: Path
) -> None:
    token = gogs.token()
    user, password = ADMIN
    site = f"127.0.0.1:{front.http}"
    front.freeze(20)
    began = time.monotonic()
    over_http = Background(lambda: push(tree, f"http://{user}:{password}@{site}/root/app.git", "over-http"))
    over_ssh = Background(lambda: push(tree, f"ssh://git@127.0.0.1:{front.ssh}/root/app.git", "over-ssh", key))
    lfs = Background(lambda: upload_lfs_object(front, os.urandom(2_000_000)))
    api = Background(
        lambda: (
            requests.post(
                f"http://{site}/api/v1/user/repos", headers=token, json={"name": "made"}, timeout=60
            ).status_code
        )
    )
    wait_until_held(front, 4)
    assert list_branches(gogs) == set()
    # Reads go on
    assert requests.get(f"http://{site}/root/app", auth=ADMIN, timeout=5).ok
    time.sleep(max(0.0, HELD_SECONDS - (time.monotonic() - began)))  # the time itself is what is tested
    front.modes.switch("open")

    assert (over_http.end(60), over_ssh.end(60)) == ("", "")
    assert lfs.end(60) == 200
    assert api.end(60) == 201
    assert list_branches(gogs) == {"over-http", "over-ssh"}
    assert min(one.seconds for one in (over_http, over_ssh, lfs, api)) >= HELD_SECONDS - 0.5


def test_a_signed_in_visit_of_an_issue_is_held_and_marks_it_as_read(gogs: Gogs, front: Front, key: Path) -> None:
    del key  # makes the repository
    issue = requests.post(
        f"{gogs.url}/api/v1/repos/root/app/issues", headers=gogs.token(), json={"title": "x"}, timeout=20
    )
    assert issue.status_code == 201
    page = f"http://127.0.0.1:{front.http}/root/app/issues/{issue.json()['number']}"
    front.freeze(20)
    visit = Background(lambda: requests.get(page, auth=ADMIN, timeout=60).status_code)
    wait_until_held(front, 1)
    assert requests.get(page, timeout=5).status_code == 200  # nobody is signed in
    front.modes.switch("open")
    assert visit.end(60) == 200
