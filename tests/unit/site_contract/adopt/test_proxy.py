"""The proxy listens where Gogs listened, and is complete before anything is changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cutover_site.errors import NotConfigured
from cutover_site.existing.listeners import Listener
from cutover_site.gogs.existing.installation_facts import format_bind
from cutover_site.health import find_proxy_address

from tests.unit.site.existing.server import Server
from tests.unit.site_contract.adopt.machine import FakeUnits, adopt, read_everything, render_front_files


@pytest.mark.parametrize(
    ("address", "listens", "bind"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1:3000"),
        ("0.0.0.0", "0.0.0.0", "0.0.0.0:3000"),  # no IPv6 on this machine
        ("0.0.0.0", "::", ":::3000 v4v6"),
        ("", "::", ":::3000 v4v6"),
        ("10.1.2.3", "10.1.2.3", "10.1.2.3:3000"),
        ("::1", "::1", "[::1]:3000"),
    ],
)
def test_the_proxy_is_reached_as_gogs_was(address: str, listens: str, bind: str) -> None:
    assert format_bind(address, 3000, [Listener(listens, 3000, "gogs", "gogs.service", 7)]) == bind


@pytest.mark.parametrize(
    ("bind", "address"),
    [
        (":80", "127.0.0.1:80"),
        ("127.0.0.1:3000", "127.0.0.1:3000"),
        ("0.0.0.0:3000", "127.0.0.1:3000"),
        (":::3000 v4v6", "127.0.0.1:3000"),
        ("[::1]:3000", "[::1]:3000"),
        ("10.1.2.3:3000", "10.1.2.3:3000"),
    ],
)
def test_the_address_of_the_proxy_is_read_from_its_settings(tmp_path: Path, bind: str, address: str) -> None:
    text = render_front_files(("X-WEBAUTH-USER",))["source.cfg"].replace("@http_bind@", bind)
    (tmp_path / "haproxy.cfg").write_text(text)
    assert find_proxy_address(tmp_path / "haproxy.cfg") == address
    assert find_proxy_address(tmp_path / "none") == "127.0.0.1:80"


def test_a_proxy_without_its_files_is_named_before_any_change(forge: Server, units: FakeUnits) -> None:
    shutil.rmtree(forge.root / "opt/cutover")
    before = read_everything(forge.root)
    with pytest.raises(NotConfigured, match=r"the proxy's file target\.cfg is not on this machine") as error:
        adopt(forge, units)
    assert "prepare_source.yml" in error.value.next_action
    assert read_everything(forge.root) == before


def test_a_header_that_signs_users_in_must_be_deleted_by_the_proxy(forge: Server, units: FakeUnits) -> None:
    forge.app_ini.write_text(
        forge.app_ini.read_text()
        + "[auth]\nENABLE_REVERSE_PROXY_AUTHENTICATION = true\nREVERSE_PROXY_AUTHENTICATION_HEADER = X-Forge-User\n"
    )
    with pytest.raises(NotConfigured, match="does not delete X-Forge-User"):
        adopt(forge, units)
