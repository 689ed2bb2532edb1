"""A source that sends every request to the target, with TLS where the target has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.world.authority import Authority
from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream

pytestmark = pytest.mark.rehearsal


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
