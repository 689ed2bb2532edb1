"""Which requests reach the application through an open and a frozen proxy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.rehearsal.site.front import Front
from tests.rehearsal.site.proxy_modes.sample_requests import INTERNAL, READS, WRITES
from tests.rehearsal.site.upstream import Upstream

pytestmark = pytest.mark.rehearsal


@pytest.mark.parametrize(("method", "path", "body"), [*READS, *WRITES])
def test_an_open_proxy_passes_every_request(front: Front, method: str, path: str, body: bytes) -> None:
    assert front.request(method, path, data=body).status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), READS)
def test_a_frozen_proxy_passes_reads(front: Front, upstream: Upstream, method: str, path: str, body: bytes) -> None:
    front.modes.switch("frozen")
    assert front.request(method, path, data=body).status_code == 200
    assert upstream.reached == [f"{method} {path}"]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_frozen_proxy_refuses_writes(front: Front, upstream: Upstream, method: str, path: str, body: bytes) -> None:
    front.modes.switch("frozen")
    response = front.request(method, path, data=body)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert front.sentence in response.text or method == "HEAD"
    assert upstream.reached == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/alice/app/issues/1", "text/plain"),
        ("/api/v1/repos/alice/app", "application/json"),
        ("/alice/app.git/info/lfs/objects/x", "application/vnd.git-lfs+json"),
    ],
)
def test_a_frozen_proxy_replaces_an_error_500_of_a_read_with_retry_after(
    front: Front, upstream: Upstream, path: str, kind: str
) -> None:
    upstream.status = 500
    assert front.request("GET", path).status_code == 500  # an open proxy passes it
    front.modes.switch("frozen")
    response = front.request("GET", path)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.headers["Content-Type"] == kind
    assert front.sentence in response.text
    assert front.request("HEAD", path).status_code == 503
    for status in (200, 302, 404, 403):
        upstream.status = status
        assert front.request("GET", path).status_code == status


def test_a_frozen_proxy_passes_a_large_lfs_batch_of_downloads(front: Front) -> None:
    front.modes.switch("frozen")
    body = {"operation": "download", "objects": [{"oid": f"{number:064d}", "size": 1} for number in range(300)]}
    assert front.request("POST", "/a/b.git/info/lfs/objects/batch", json=body).status_code == 200


def test_git_shows_the_message_of_a_frozen_proxy(front: Front, tmp_path: Path) -> None:
    front.modes.switch("frozen")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    push = [*git, "push", f"http://127.0.0.1:{front.http}/a/b.git", "HEAD:x"]
    done = subprocess.run(push, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert f"remote: {front.sentence}" in done.stderr


def test_a_frozen_proxy_refuses_ssh_until_it_opens(front: Front) -> None:
    assert front.read_ssh_banner().startswith(b"SSH-2.0")
    front.modes.switch("frozen")
    assert front.read_ssh_banner() == b""
    front.modes.switch("open")
    assert front.read_ssh_banner().startswith(b"SSH-2.0")


def test_a_restarted_proxy_is_still_frozen(upstream: Upstream, tmp_path: Path) -> None:
    with Front(tmp_path, upstream) as front:
        front.modes.switch("frozen")
    with Front(tmp_path, upstream) as again:
        assert again.request("POST", "/x").status_code == 503


def test_a_proxy_without_a_stored_mode_is_frozen(tmp_path: Path, upstream: Upstream) -> None:
    (tmp_path / "mode.map").write_text("")
    with Front(tmp_path, upstream) as front:
        assert front.request("POST", "/x").status_code == 503
        assert front.read_ssh_banner() == b""


@pytest.mark.parametrize("path", INTERNAL)
def test_internal_pages_are_not_found(front: Front, upstream: Upstream, path: str) -> None:
    assert front.request("GET", path).status_code == 404
    assert upstream.reached == []
