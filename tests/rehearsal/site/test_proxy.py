"""The freeze of the proxy: which requests reach Gogs in each mode."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cutover_site.proxy.drain import drain

from rehearsal.world.authority import Authority
from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal

READS = [
    ("GET", "/", b""),
    ("HEAD", "/alice/app", b""),
    ("GET", "/api/v1/repos/alice/app", b""),
    ("GET", "/alice/app.git/info/refs?service=git-upload-pack", b""),
    ("POST", "/alice/app.git/git-upload-pack", b"0000"),
    ("POST", "/alice/app.git/info/lfs/objects/batch", b'{"operation": "download", "objects": []}'),
    ("GET", "/alice/app/milestones/3/edit", b""),
    ("GET", "/alice/app/src/master/action/star", b""),
    ("GET", "/alice/app/src/master/tasks/trigger", b""),
    ("GET", "/user/settings", b""),
]
WRITES = [
    ("POST", "/alice/app/issues/new", b"title=x"),
    ("POST", "/user/login", b"user_name=x"),
    ("PUT", "/api/v1/repos/alice/app/contents/x", b"{}"),
    ("PATCH", "/api/v1/repos/alice/app/issues/1", b"{}"),
    ("DELETE", "/api/v1/repos/alice/app", b""),
    ("PROPFIND", "/alice/app", b""),
    ("GET", "/alice/app.git/info/refs?service=git-receive-pack", b""),
    ("POST", "/alice/app.git/git-receive-pack", b"0000"),
    ("POST", "/alice/app.git/info/lfs/objects/batch", b'{"operation": "upload", "objects": []}'),
    ("POST", "/alice/app.git/info/lfs/objects/batch", b"not json"),
    ("PUT", "/alice/app.git/info/lfs/objects/basic/abc", b"x"),
    # A file of this name in the web editor is a write, although the path ends like a read.
    ("POST", "/alice/app/_new/master/git-upload-pack", b"x"),
    ("POST", "/alice/app%2f_new/git-upload-pack", b"x"),
    # Gogs changes data when a client only reads these addresses.
    ("GET", "/alice/app/tasks/trigger?branch=x&secret=y&pusher=1", b""),
    ("GET", "/alice/app/milestones/3/close", b""),
    ("GET", "//alice/app//milestones/3/open/", b""),
    ("HEAD", "/alice/app/tasks/trigger", b""),
    ("GET", "/alice/app/%74asks/trigger", b""),
    ("GET", "/alice/app/action/star", b""),
    ("GET", "/alice/action/follow", b""),
    ("GET", "/org/acme/members/action/private?uid=1", b""),
    ("GET", "/org/acme/teams/owners/action/leave?uid=1", b""),
    ("GET", "/admin/notices/empty", b""),
    ("GET", "/user/activate?code=x", b""),
    ("GET", "/user/activate_email?code=x", b""),
]
INTERNAL = ["/debug/pprof/heap", "/urlmap.json", "/-/metrics", "//debug/pprof", "/%64ebug/pprof/", "/URLMAP.json"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, Upstream]]:
    upstream = Upstream()
    front = Front(tmp_path_factory.mktemp("front"), upstream)
    yield front, upstream
    front.close()
    upstream.close()


@pytest.fixture
def front(running: tuple[Front, Upstream]) -> Front:
    """Return the proxy in mode open. No request has reached its upstream."""
    running[0].modes.switch("open")
    running[1].reset()
    return running[0]


@pytest.fixture
def upstream(running: tuple[Front, Upstream]) -> Upstream:
    return running[1]


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


def test_draining_waits_for_a_write_in_flight(front: Front, upstream: Upstream) -> None:
    statuses: list[int] = []
    writer = threading.Thread(target=lambda: statuses.append(front.request("POST", "/slow").status_code))
    writer.start()
    assert upstream.arrived.wait(10)
    front.modes.switch("frozen")
    assert front.runtime.count_sessions("application_writes") == 1
    threading.Timer(0.5, upstream.release.set).start()
    drained = drain(front.runtime, 10, tcp=("application_ssh",), count_working_sessions=lambda: 1)
    writer.join(10)
    assert statuses == [200]
    assert drained.cut == 0
    assert drained.seconds >= 0.4


def test_draining_cuts_a_write_that_does_not_end(front: Front, upstream: Upstream) -> None:
    statuses: list[int] = []
    writer = threading.Thread(target=lambda: statuses.append(front.request("POST", "/slow").status_code))
    writer.start()
    with socket.create_connection(("127.0.0.1", front.ssh), timeout=5) as ssh:
        assert ssh.recv(100)
        assert upstream.arrived.wait(10)
        wait_until(
            lambda: front.runtime.count_sessions("application_writes") == 1,
            "one write",
            seconds=5,
            interval_seconds=0.02,
        )
        front.modes.switch("frozen")
        drained = drain(front.runtime, 0.3, tcp=("application_ssh",), count_working_sessions=lambda: 1)
        writer.join(10)
        assert drained.cut == 2
        assert statuses != [200]
        assert ssh.recv(100) == b""


@pytest.mark.parametrize("path", INTERNAL)
def test_internal_pages_are_not_found(front: Front, upstream: Upstream, path: str) -> None:
    assert front.request("GET", path).status_code == 404
    assert upstream.reached == []


def test_a_staged_target_is_healthy_and_refuses_writes(tmp_path: Path) -> None:
    """Otherwise auto scaling would replace a target that waits for its Gogs."""
    upstream = Upstream()
    upstream.database = "dial tcp: connection refused"
    with Front(tmp_path, upstream) as front:
        front.modes.switch("staged")
        assert front.read_health_status() == 200
        assert front.request("POST", "/alice/app/issues/new").status_code == 503
        assert front.read_ssh_banner() == b""
        front.modes.switch("open")
        assert front.read_health_status() == 503
    upstream.close()


def test_an_application_marked_up_serves_at_once(tmp_path: Path) -> None:
    """HAProxy's own next health check may be a quarter of a second later."""
    upstream = Upstream()
    upstream.database = "dial tcp: connection refused"
    with Front(tmp_path, upstream) as front:
        for method in ("GET", "POST") * 5:
            upstream.database = "OK"
            front.runtime.mark_application_up()
            assert front.request(method, "/alice/app").status_code == 200
            upstream.database = "dial tcp: connection refused"
            front.wait_for(503)
    upstream.close()


def test_health_depends_on_the_body_of_the_health_check_and_not_on_its_status(tmp_path: Path) -> None:
    upstream = Upstream()
    upstream.database = "dial tcp 10.0.0.1:3306: connect: connection refused"
    with Front(tmp_path, upstream) as front:
        assert front.read_health_status() == 503
    upstream.close()


def test_a_forwarding_proxy_sends_every_request_to_the_target(tmp_path: Path, upstream: Upstream) -> None:
    upstream.reset()
    target = Upstream()
    (tmp_path / "mode.map").write_text("mode forward\n")
    with Front(tmp_path, upstream, forward=target) as proxy:
        assert proxy.request("POST", "/alice/app/issues/new").status_code == 200
        assert proxy.request("GET", "/").status_code == 200
        assert proxy.read_ssh_banner().startswith(b"SSH-2.0")
        assert target.reached == ["POST /alice/app/issues/new", "GET /"]
        assert upstream.reached == []
    target.close()


def create_certificate(folder: Path, name: str) -> Path:
    """Create certificate and key of a server. The certificate of its authority is `folder`/authority/ca.crt."""
    certificate, key = Authority(folder).issue_certificate(name, [])
    file = folder / "server.pem"
    file.write_bytes(certificate + key)
    return file


@pytest.fixture
def forwarding(tmp_path: Path) -> Path:
    """Create the folder of a proxy that starts in mode forward."""
    folder = tmp_path / "front"
    folder.mkdir()
    (folder / "mode.map").write_text("mode forward\n")
    return folder


def test_a_forwarding_proxy_connects_with_tls_and_the_name_of_the_target(
    tmp_path: Path, forwarding: Path, upstream: Upstream
) -> None:
    target = Upstream(create_certificate(tmp_path, "git.example.com"))
    authorities = tmp_path / "authority/ca.crt"
    with Front(forwarding, upstream, target, tls="git.example.com", authorities=authorities) as proxy:
        assert proxy.request("POST", "/alice/app/issues/new").status_code == 200
    assert target.reached == ["POST /alice/app/issues/new"]
    assert target.requested_names == ["git.example.com"]
    target.close()


@pytest.mark.parametrize("wrong", ["name", "authority"])
def test_a_forwarding_proxy_sends_no_request_to_an_unverified_target(
    tmp_path: Path, forwarding: Path, upstream: Upstream, wrong: str
) -> None:
    target = Upstream(create_certificate(tmp_path, "other.example.com" if wrong == "name" else "git.example.com"))
    authorities = tmp_path / "authority/ca.crt"
    if wrong == "authority":
        create_certificate(stranger := tmp_path / "stranger", "git.example.com")
        authorities = stranger / "authority/ca.crt"
    with Front(forwarding, upstream, target, tls="git.example.com", authorities=authorities) as proxy:
        assert proxy.request("GET", "/").status_code == 503
    assert target.reached == []
    target.close()
