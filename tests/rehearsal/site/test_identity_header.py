"""No request header can sign in a user of the site. The upstream records the headers that would reach Gogs."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from cutover_site.gogs import identity
from cutover_site.proxy.modes import ProxyMode

from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream

pytestmark = pytest.mark.rehearsal


@pytest.mark.parametrize("mode", ["open", "frozen", "forward"])
@pytest.mark.parametrize("name", ["X-WEBAUTH-USER", "x-webauth-user", "X-Remote-User", "x-REMOTE-user"])
def test_the_proxy_deletes_an_authentication_header(name: str, mode: ProxyMode, tmp_path: Path) -> None:
    upstream, target = Upstream(), Upstream()
    try:
        with Front(tmp_path, upstream, target, identity_headers=["X-WEBAUTH-USER", "X-Remote-User"]) as front:
            front.modes.switch(mode)

            front.request("GET", "/alice/app", headers={name: "site-admin", "X-Other": "kept"})

            reached = target if mode == "forward" else upstream
            (seen,) = reached.headers
            assert name.lower() not in seen
            assert seen["x-other"] == "kept"
    finally:
        upstream.close()
        target.close()


def test_the_proxy_deletes_every_occurrence_of_an_authentication_header(tmp_path: Path) -> None:
    upstream = Upstream()
    try:
        with (
            Front(tmp_path, upstream) as front,
            socket.create_connection(("127.0.0.1", front.http), timeout=5) as client,
        ):
            client.sendall(
                b"GET /alice HTTP/1.1\r\nHost: x\r\nX-WebAuth-User: site-admin\r\nX-WEBAUTH-USER:\r\n"
                b"X-WEBAUTH-USER: site-admin, alice\r\nConnection: close\r\n\r\n"
            )
            assert client.recv(12) == b"HTTP/1.1 200"
        (seen,) = upstream.headers
        assert "x-webauth-user" not in seen
    finally:
        upstream.close()


def test_senders_of_an_authentication_header_are_listed(tmp_path: Path) -> None:
    upstream = Upstream()
    try:
        with Front(tmp_path, upstream) as front:
            assert identity.read_senders(front.runtime) == []
            front.request("GET", "/alice")
            assert identity.read_senders(front.runtime) == []

            for _ in range(3):
                front.request("GET", "/alice", headers={"X-WEBAUTH-USER": "alice"})

            (sender,) = identity.read_senders(front.runtime)
            assert "127.0.0.1" in sender
            assert "(3 requests)" in sender
    finally:
        upstream.close()
