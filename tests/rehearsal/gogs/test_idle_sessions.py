"""A freeze with real clients of a Gogs behind a real HAProxy: who is idle holds nobody up, and can begin nothing
afterwards.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from cutover_site.gogs.git_processes import serves_ssh_session
from cutover_site.proxy.drain import DrainResult, drain
from cutover_site.proxy.idle import IDLE_SECONDS
from cutover_site.system import processes

from tests.gogs_standin.served.servers import Gogs
from tests.rehearsal.site.front import Front
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal
LIMIT_SECONDS = 15.0
WITHOUT_WAITING_SECONDS = IDLE_SECONDS + 2.0
"""what a drain may take that waits for nobody, on a busy machine"""


@pytest.fixture
def front(gogs: Gogs, tmp_path: Path) -> Iterator[Front]:
    folder = tmp_path / "front"
    folder.mkdir()
    upstream: Any = SimpleNamespace(http=f"127.0.0.1:{gogs.http}", ssh=f"127.0.0.1:{gogs.ssh}", database="OK")
    with Front(folder, upstream) as made:
        yield made


@pytest.fixture
def shell(gogs: Gogs, front: Front, tmp_path: Path) -> list[str]:
    """ssh as a user of the site, through the front; with a repository root/app to push to."""
    header, key = gogs.token(), tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = {"title": "laptop", "key": key.with_suffix(".pub").read_text()}
    for path, body in (("/user/keys", public), ("/user/repos", {"name": "app"})):
        requests.post(f"{gogs.url}/api/v1{path}", headers=header, json=body, timeout=20).raise_for_status()
    options = ["IdentitiesOnly=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
    return ["ssh", "-F", "none", "-i", str(key), "-p", str(front.ssh), *(f"-o{option}" for option in options)]


@pytest.fixture
def push(shell: list[str], tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Begins to push a commit to a new branch; more words go to ssh."""
    tree = tmp_path / "tree"
    who = ["-c", "user.name=Root", "-c", "user.email=root@example.com"]
    subprocess.run(["git", "init", "-q", "-b", "master", str(tree)], check=True)
    subprocess.run(["git", *who, "commit", "-q", "--allow-empty", "-m", "first"], cwd=tree, check=True)

    def begun(branch: str, *words: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "GIT_SSH_COMMAND": " ".join([*shell, *words])}
        command = ["git", "push", "-q", "git@127.0.0.1:root/app.git", f"master:{branch}"]
        return subprocess.Popen(command, cwd=tree, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)

    return begun


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def count_sessions(gogs: Gogs) -> Callable[[], int]:
    layout: Any = SimpleNamespace(binary=gogs.folder / "gogs")
    return lambda: len(processes.find(lambda process: serves_ssh_session(process, layout)))


def await_sessions(front: Front, wanted: int) -> None:
    wait_until(lambda: front.runtime.count_sessions("application_ssh") == wanted, f"{wanted} SSH sessions")


def freeze(gogs: Gogs, front: Front) -> DrainResult:
    front.modes.switch("frozen")
    return drain(front.runtime, LIMIT_SECONDS, tcp=("application_ssh",), count_working_sessions=count_sessions(gogs))


def branches(gogs: Gogs) -> str:
    bare = gogs.repositories / "root/app.git"
    command = ["git", "-c", "safe.directory=*", "for-each-ref", "--format=%(refname:short)"]
    return subprocess.check_output(command, cwd=bare, text=True)


def test_a_shared_connection_that_waits_is_closed_and_takes_no_push_afterwards(
    gogs: Gogs, front: Front, shell: list[str], push: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    # Given a user's connection that ssh keeps for later pushes, signed in and with nothing to do
    control = f"-oControlPath={tmp_path}/control"
    with ended(subprocess.Popen([*shell, control, "-oControlMaster=yes", "-N", "git@127.0.0.1"])) as master:
        await_sessions(front, 1)
        with ended(push("before", control)) as before:
            assert before.wait(30) == 0

        # When the site is frozen, then nobody waits for that connection
        drained = freeze(gogs, front)
        assert (drained.cut, drained.idle) == (0, 1)
        assert drained.seconds < WITHOUT_WAITING_SECONDS

        # And it carries no push any more, nor does a new one
        master.wait(20)
        with ended(push("after", control)) as after:
            assert after.wait(30) != 0
        assert branches(gogs) == "before\n"


def test_a_session_that_asks_for_a_shell_and_one_that_says_nothing_are_closed(
    gogs: Gogs, front: Front, shell: list[str]
) -> None:
    quiet = ["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{front.ssh}; read -r -u 3 _; sleep 60"]
    nothing = subprocess.Popen([*shell, "-N", "git@127.0.0.1"])
    with ended(nothing), ended(subprocess.Popen(quiet)):
        await_sessions(front, 2)
        drained = freeze(gogs, front)
    assert (drained.cut, drained.idle) == (0, 2)
    assert drained.seconds < WITHOUT_WAITING_SECONDS


def test_a_push_under_way_is_waited_for(
    gogs: Gogs, front: Front, shell: list[str], push: Callable[..., subprocess.Popen[bytes]]
) -> None:
    # Given a push that its repository's own hook holds, and an idle session beside it
    hooks = gogs.repositories / "root/app.git/custom_hooks"
    hooks.mkdir()
    (hooks / "pre-receive").write_text("#!/bin/sh\ntouch arrived\nwhile [ ! -e release ]; do sleep 0.1; done\n")
    (hooks / "pre-receive").chmod(0o755)
    subprocess.run(["chown", "-R", "990:990", str(hooks)], check=True)
    with ended(push("slow")) as slow, ended(subprocess.Popen([*shell, "-N", "git@127.0.0.1"])):
        wait_until((hooks.parent / "arrived").exists, "the push arrives", seconds=30)
        await_sessions(front, 2)

        # When the site is frozen while the push goes on for longer than an idle session lives
        release = ["sh", "-c", f"sleep {IDLE_SECONDS + 2}; touch {hooks.parent}/release"]
        with ended(subprocess.Popen(release)):
            drained = freeze(gogs, front)

        # Then it has ended well, and only the idle session was closed
        assert slow.wait(20) == 0
        assert (drained.cut, drained.idle) == (0, 1)
        assert IDLE_SECONDS + 1 < drained.seconds < LIMIT_SECONDS
        assert branches(gogs) == "slow\n"


def test_a_kept_alive_connection_holds_nobody_up_and_writes_nothing_later(gogs: Gogs, front: Front) -> None:
    with requests.Session() as browser:
        site = f"http://127.0.0.1:{front.http}/api/v1/user/repos"
        header = gogs.token()
        assert browser.post(site, headers=header, json={"name": "one"}, timeout=20).status_code == 201
        drained = freeze(gogs, front)
        assert (drained.cut, drained.idle) == (0, 0)
        assert drained.seconds < 1.0
        assert browser.post(site, headers=header, json={"name": "two"}, timeout=20).status_code == 503
        assert not (gogs.repositories / "root/two.git").exists()
