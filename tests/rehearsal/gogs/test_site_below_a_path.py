"""A Gogs below a path of its host name, behind the proxy of a target: the acceptance suite passes, as for any site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.acceptance.results import describe_failures
from cutover_site.acceptance.runner import run_suite
from cutover_site.gogs.acceptance.suite import SUITE
from cutover_site.gogs.ini import load, render

from tests.gogs_standin.served.servers import Gogs
from tests.rehearsal.gogs.configured import HOST, open_session_with_settings, serving, write_app_ini
from tests.rehearsal.gogs.site_settings import SITES
from tests.rehearsal.ports import find_free_port
from tests.rehearsal.site.front import Front

pytestmark = pytest.mark.rehearsal
PATH = "/git"


def test_the_acceptance_suite_passes_below_the_path(make: Callable[..., Gogs], tmp_path: Path) -> None:
    # Given a site whose address has a path, and the proxy of a target in front of it
    gogs = make()
    write_app_ini(gogs, SITES[0])
    port = find_free_port()
    settings = load(gogs.app_ini)
    settings.set("server", "EXTERNAL_URL", f"http://{HOST}:{port}{PATH}/")
    gogs.app_ini.write_text(render(settings))
    upstream: Any = SimpleNamespace(http=f"127.0.0.1:{gogs.http}", ssh=f"127.0.0.1:{gogs.ssh}", database="OK")
    with serving(gogs), Front(tmp_path, upstream, path=PATH, port=port) as front:
        # When the suite runs at this address
        session = open_session_with_settings(gogs, "utf8mb4")
        results = run_suite(SUITE, replace(session, url=f"http://{HOST}:{front.http}{PATH}"))

    # Then every check passes
    assert describe_failures(results) == ""
    assert [one.name for one in results if one.outcome != "pass"] == []
