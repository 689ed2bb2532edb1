"""The control plane of DMS with a script in place of the engine, and a site whose endpoints are tested."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.dms.control_plane import LOGIN, SCRIPT
from tests.unit.dms.fakes import Api, FakeAccount, FakeNetwork, Site
from tests.waiting import wait_until


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount({"source-secret": LOGIN, "target-secret": LOGIN})


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(SCRIPT)


@pytest.fixture
def api(network: FakeNetwork, account: FakeAccount, tmp_path: Path) -> Iterator[Api]:
    api = Api(network, account, tmp_path)
    yield api
    api.dms.close()


@pytest.fixture
def site(api: Api) -> Site:
    site = Site(api, settings={"ValidationSettings": {"EnableValidation": True}})
    wait_until(lambda: all(one["Status"] == "successful" for one in site.connections().values()))
    return site
