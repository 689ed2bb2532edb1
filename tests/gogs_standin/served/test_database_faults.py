"""Gogs without its database, or with a read-only one. A freeze depends on this behaviour."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.gogs_standin.served.database import MariaDb
from tests.gogs_standin.served.servers import ADMIN, Gogs, running
from tests.rehearsal.ports import find_free_port

pytestmark = pytest.mark.rehearsal


@pytest.fixture
def tree(gogs: Gogs, tmp_path: Path) -> Path:
    """Create a clone of the repository root/work with one pushed commit."""
    gogs.create_repository("work")
    subprocess.run(["git", "init", "-q", "-b", "master", str(tmp_path / "tree")], check=True)
    assert commit_and_push(gogs, tmp_path / "tree", "first").returncode == 0
    return tmp_path / "tree"


def commit_and_push(gogs: Gogs, tree: Path, text: str) -> subprocess.CompletedProcess[str]:
    (tree / "file").write_text(text)
    who = ["-c", "user.name=Root", "-c", "user.email=root@example.com"]
    subprocess.run(["git", "add", "."], cwd=tree, check=True)
    subprocess.run(["git", *who, "commit", "-qm", text], cwd=tree, check=True)
    url = gogs.url.replace("://", f"://{ADMIN[0]}:{ADMIN[1]}@")
    return subprocess.run(
        ["git", "push", "-q", f"{url}/root/work.git", "master"], cwd=tree, capture_output=True, text=True, check=False
    )


def head(tree: Path) -> str:
    return subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=tree, text=True).strip()


def tip(gogs: Gogs) -> str:
    bare = gogs.repositories / "root/work.git"
    return subprocess.check_output(
        ["git", "-c", "safe.directory=*", "rev-parse", "master"], cwd=bare, text=True
    ).strip()


def actions(gogs: Gogs) -> list[tuple[object, ...]]:
    return gogs.database.run(f"SELECT op_type, ref_name FROM {gogs.schema}.action ORDER BY id")


def test_a_push_writes_rows_of_activity(gogs: Gogs, tree: Path) -> None:
    assert tip(gogs) == head(tree)
    assert actions(gogs) == [(1, ""), (16, "master"), (5, "master")]
    assert gogs.database.run(f"SELECT is_bare, size > 0 FROM {gogs.schema}.repository") == [(0, 1)]


@pytest.fixture
def read_only(gogs: Gogs) -> Iterator[None]:
    gogs.database.run("SET GLOBAL read_only = 1")
    yield
    gogs.database.run("SET GLOBAL read_only = 0")


def test_a_push_succeeds_with_a_read_only_database_and_loses_its_activity(
    gogs: Gogs, tree: Path, request: pytest.FixtureRequest
) -> None:
    token, before = gogs.token(), actions(gogs)
    request.getfixturevalue("read_only")

    # When a user pushes, then the push succeeds, the ref changes, and the activity is lost
    assert commit_and_push(gogs, tree, "second").returncode == 0
    assert tip(gogs) == head(tree)
    assert actions(gogs) == before

    # And health, reads and tokens still work, but writes fail
    assert requests.get(f"{gogs.url}/healthcheck", timeout=20).text == "* Database connection: OK\n"
    assert requests.get(f"{gogs.url}/api/v1/user", headers=token, timeout=20).status_code == 200
    response = requests.post(f"{gogs.url}/api/v1/user/repos", headers=token, json={"name": "other"}, timeout=20)
    assert response.status_code == 500
    assert not (gogs.repositories / "root/other.git").exists()


def test_a_push_fails_without_the_database_and_the_health_page_has_the_reason(
    make: Callable[..., Gogs], place: Path, tmp_path: Path
) -> None:
    server = MariaDb(folder=place / "mortal", port=find_free_port())
    server.folder.mkdir()
    server.start()
    with running(make(server=server)) as gogs:
        gogs.create_admin()
        gogs.create_repository("work")
        tree = tmp_path / "tree"
        subprocess.run(["git", "init", "-q", "-b", "master", str(tree)], check=True)
        assert commit_and_push(gogs, tree, "first").returncode == 0
        before = tip(gogs)

        # When the database stops
        server.stop()

        # Then pushes fail with 500 and change no ref. The health page has status 200 and the error in its body
        pushed = commit_and_push(gogs, tree, "second")
        assert (pushed.returncode, "500" in pushed.stderr) == (128, True), pushed.stderr
        assert tip(gogs) == before
        health = requests.get(f"{gogs.url}/healthcheck", timeout=20)
        assert (health.status_code, health.text) == (200, "* Database connection: driver: bad connection\n")
        # (when the pool has no dead connection left, the body has the reason why no new one opens)
        refused = f"* Database connection: dial tcp 127.0.0.1:{server.port}: connect: connection refused\n"
        bodies = [requests.get(f"{gogs.url}/healthcheck", timeout=20).text for _ in range(40)]
        assert bodies[-1] == refused

        # And Gogs needs no restart when the database runs again
        server.start()
        assert requests.get(f"{gogs.url}/healthcheck", timeout=20).text == "* Database connection: OK\n"
        assert commit_and_push(gogs, tree, "third").returncode == 0
    server.stop()
