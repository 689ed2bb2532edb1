"""A freeze with real clients of a Gogs behind a real HAProxy.

Idle clients do not delay the freeze and cannot start a write afterwards.
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
from cutover_site.gogs.git_processes import is_ssh_session_process
from cutover_site.proxy.drain import DrainResult, drain
from cutover_site.proxy.idle import IDLE_SECONDS
from cutover_site.system import processes

from tests.gogs_standin.served.servers import Gogs
from tests.rehearsal.site.front import Front
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal
LIMIT_SECONDS = 15.0
WITHOUT_WAITING_SECONDS = IDLE_SECONDS + 2.0
"""the longest time of connection draining without a wait, on a busy machine"""


@pytest.fixture
def front(gogs: Gogs, tmp_path: Path) -> Iterator[Front]:
    folder = tmp_path / "front"
    folder.mkdir()
    upstream: Any = SimpleNamespace(http=f"127.0.0.1:{gogs.http}", ssh=f"127.0.0.1:{gogs.ssh}", database="OK")
    with Front(folder, upstream) as made:
        yield made


@pytest.fixture
def shell(gogs: Gogs, front: Front, tmp_path: Path) -> list[str]:
    """Create a repository root/app and return the ssh command of a user of the site, through the proxy."""
    header, key = gogs.token(), tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = {"title": "laptop", "key": key.with_suffix(".pub").read_text()}
    for path, body in (("/user/keys", public), ("/user/repos", {"name": "app"})):
        requests.post(f"{gogs.url}/api/v1{path}", headers=header, json=body, timeout=20).raise_for_status()
    options = ["IdentitiesOnly=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
    return ["ssh", "-F", "none", "-i", str(key), "-p", str(front.ssh), *(f"-o{option}" for option in options)]


@pytest.fixture
def push(shell: list[str], tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Return a function that starts a push of a commit to a new branch. It passes further options to ssh."""
    tree = tmp_path / "tree"
    who = ["-c", "user.name=Root", "-c", "user.email=root@example.com"]
    subprocess.run(["git", "init", "-q", "-b", "master", str(tree)], check=True)
    subprocess.run(["git", *who, "commit", "-q", "--allow-empty", "-m", "first"], cwd=tree, check=True)

    def begin_push(branch: str, *words: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "GIT_SSH_COMMAND": " ".join([*shell, *words])}
        command = ["git", "push", "-q", "git@127.0.0.1:root/app.git", f"master:{branch}"]
        return subprocess.Popen(command, cwd=tree, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)

    return begin_push


@contextmanager
def terminating(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def count_sessions(gogs: Gogs) -> Callable[[], int]:
    layout: Any = SimpleNamespace(binary=gogs.folder / "gogs")
    return lambda: len(processes.find(lambda process: is_ssh_session_process(process, layout)))


def wait_for_sessions(front: Front, wanted: int) -> None:
    wait_until(lambda: front.runtime.count_sessions("application_ssh") == wanted, f"{wanted} SSH sessions")


def freeze(gogs: Gogs, front: Front) -> DrainResult:
    front.modes.switch("frozen")
    return drain(front.runtime, LIMIT_SECONDS, tcp=("application_ssh",), count_working_sessions=count_sessions(gogs))


def list_branches(gogs: Gogs) -> str:
    bare = gogs.repositories / "root/app.git"
    command = ["git", "-c", "safe.directory=*", "for-each-ref", "--format=%(refname:short)"]
    return subprocess.check_output(command, cwd=bare, text=True)


def test_an_idle_shared_connection_is_closed_and_accepts_no_later_push(
    gogs: Gogs, front: Front, shell: list[str], push: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    # Given an idle connection of a user that ssh keeps open for later pushes
    control = f"-oControlPath={tmp_path}/control"
    with terminating(subprocess.Popen([*shell, control, "-oControlMaster=yes", "-N", "git@127.0.0.1"])) as master:
        wait_for_sessions(front, 1)
        with terminating(push("before", control)) as before:
            assert before.wait(30) == 0

        # When the site is frozen, then the freeze does not wait for that connection
        drained = freeze(gogs, front)
        assert (drained.cut, drained.idle) == (0, 1)
        assert drained.seconds < WITHOUT_WAITING_SECONDS

        # And neither that connection nor a new one accepts a push
        master.wait(20)
        with terminating(push("after", control)) as after:
            assert after.wait(30) != 0
        assert list_branches(gogs) == "before\n"


def test_a_session_without_a_command_and_a_silent_connection_are_closed(
    gogs: Gogs, front: Front, shell: list[str]
) -> None:
    quiet = ["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{front.ssh}; read -r -u 3 _; sleep 60"]
    nothing = subprocess.Popen([*shell, "-N", "git@127.0.0.1"])
    with terminating(nothing), terminating(subprocess.Popen(quiet)):
        wait_for_sessions(front, 2)
        drained = freeze(gogs, front)
    assert (drained.cut, drained.idle) == (0, 2)
    assert drained.seconds < WITHOUT_WAITING_SECONDS


def test_draining_waits_for_a_running_push(
    gogs: Gogs, front: Front, shell: list[str], push: Callable[..., subprocess.Popen[bytes]]
) -> None:
    # Given a push that a custom hook of its repository delays, and an idle session
    hooks = gogs.repositories / "root/app.git/custom_hooks"
    hooks.mkdir()
    (hooks / "pre-receive").write_text("#!/bin/sh\ntouch arrived\nwhile [ ! -e release ]; do sleep 0.1; done\n")
    (hooks / "pre-receive").chmod(0o755)
    subprocess.run(["chown", "-R", "990:990", str(hooks)], check=True)
    with terminating(push("slow")) as slow, terminating(subprocess.Popen([*shell, "-N", "git@127.0.0.1"])):
        wait_until((hooks.parent / "arrived").exists, "the push arrives", seconds=30)
        wait_for_sessions(front, 2)

        # When the site is frozen and the push takes longer than the limit for idle sessions
        release = ["sh", "-c", f"sleep {IDLE_SECONDS + 2}; touch {hooks.parent}/release"]
        with terminating(subprocess.Popen(release)):
            drained = freeze(gogs, front)

        # Then the push succeeds, and only the idle session is closed
        assert slow.wait(20) == 0
        assert (drained.cut, drained.idle) == (0, 1)
        assert IDLE_SECONDS + 1 < drained.seconds < LIMIT_SECONDS
        assert list_branches(gogs) == "slow\n"


def test_a_keep_alive_connection_does_not_delay_the_freeze_and_accepts_no_later_write(gogs: Gogs, front: Front) -> None:
    with requests.Session() as browser:
        site = f"http://127.0.0.1:{front.http}/api/v1/user/repos"
        header = gogs.token()
        assert browser.post(site, headers=header, json={"name": "one"}, timeout=20).status_code == 201
        drained = freeze(gogs, front)
        assert (drained.cut, drained.idle) == (0, 0)
        assert drained.seconds < 1.0
        assert browser.post(site, headers=header, json={"name": "two"}, timeout=20).status_code == 503
        assert not (gogs.repositories / "root/two.git").exists()
