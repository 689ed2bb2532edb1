"""The proxy of a site below a path of its host name.

Reads, writes and internal pages are those of the rest of the path.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rehearsal.site.front import Front
from tests.rehearsal.site.proxy_modes.sample_requests import INTERNAL, READS, WRITES
from tests.rehearsal.site.upstream import Upstream

pytestmark = pytest.mark.rehearsal
PATH = "/apps/git.1"


@pytest.fixture(scope="module")
def site_path() -> str:
    return PATH


@pytest.mark.parametrize(("method", "path", "body"), READS)
def test_a_frozen_proxy_passes_reads_without_the_path(
    front: Front, upstream: Upstream, method: str, path: str, body: bytes
) -> None:
    front.modes.switch("frozen")
    assert front.request(method, f"{PATH}{path}", data=body).status_code == 200
    assert upstream.reached == [f"{method} {path}"]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_frozen_proxy_refuses_writes(front: Front, upstream: Upstream, method: str, path: str, body: bytes) -> None:
    front.modes.switch("frozen")
    assert front.request(method, f"{PATH}{path}", data=body).status_code == 503
    assert upstream.reached == []


@pytest.mark.parametrize("prefix", [PATH, ""])
@pytest.mark.parametrize("path", INTERNAL)
def test_nobody_sees_the_internal_pages(front: Front, upstream: Upstream, prefix: str, path: str) -> None:
    assert front.request("GET", f"{prefix}{path}").status_code == 404
    assert upstream.reached == []


@pytest.mark.parametrize(
    ("path", "reached"),
    [
        (PATH, "/"),
        (f"{PATH}/", "/"),
        (f"{PATH}{PATH}/a?b={PATH}/", f"{PATH}/a?b={PATH}/"),
        (f"{PATH}x", f"{PATH}x"),
        ("/apps/gitX1/a", "/apps/gitX1/a"),
        ("/a/b", "/a/b"),
    ],
)
def test_exactly_the_path_is_removed_once(front: Front, upstream: Upstream, path: str, reached: str) -> None:
    assert front.request("GET", path).status_code == 200
    assert upstream.reached == [f"GET {reached}"]


def test_the_source_forwards_with_the_path(tmp_path: Path) -> None:
    """The proxy in front of the source has removed it."""
    own, target = Upstream(), Upstream()
    with Front(tmp_path, own, forward=target, forward_path=PATH) as source:
        source.modes.switch("forward")
        for method, path in (("GET", "/"), ("POST", "/a/b?c=/d")):
            assert source.request(method, path).status_code == 200
    assert (own.reached, target.reached) == ([], [f"GET {PATH}/", f"POST {PATH}/a/b?c=/d"])
    own.close()
    target.close()
