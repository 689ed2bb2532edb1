"""Which address of a client reaches Gogs, which takes the first one of X-Forwarded-For."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream

pytestmark = pytest.mark.rehearsal
ROLE = Path(__file__).parents[3] / "assets/ansible/roles/adopted_source"


@pytest.mark.parametrize(("sent", "reached"), [("192.0.2.7", "192.0.2.7"), ("", "127.0.0.1")])
def test_the_client_that_another_proxy_names_is_kept_on_an_adopted_source(
    tmp_path: Path, sent: str, reached: str
) -> None:
    forwarded = str(yaml.safe_load((ROLE / "vars/main.yml").read_text())["source_forwarded"])
    upstream = Upstream()
    try:
        with Front(tmp_path, upstream, forwarded=forwarded) as front:
            front.request("GET", "/alice/app", headers={"X-Forwarded-For": sent} if sent else {})
            (seen,) = upstream.headers
            assert seen["x-forwarded-for"] == reached
    finally:
        upstream.close()
