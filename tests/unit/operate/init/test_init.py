"""`cutover init` offers what it finds, and writes a file that the stacks accept."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import trustme
from botocore.exceptions import ClientError
from settings import Settings
from settings.sources import ExistingSource

from operate.init.account import Account
from tests.unit.operate.init.dialogs import APP, CERTIFICATE, DATABASE, HYBRID, run


def test_the_defaults_are_what_was_found(path: Path) -> None:
    result = run(path, "", "", "git.example.com", "", "", "", "", "", APP, "", DATABASE, "", *[""] * 20)

    assert result.exit_code == 0, result.output
    settings = Settings.load(path)
    assert settings.site.hosted_zone_id == "Z0123456789ABCDEFGHIJ"
    assert settings.site.certificate_arn == CERTIFICATE
    assert settings.provider.source_server_name == "git-server"
    assert settings.cutover.go == "manual"
    source = settings.source
    assert isinstance(source, ExistingSource)
    assert (source.application.node_id, source.application.role_name) == (APP, "Server")
    assert source.network.kind == "peered"
    assert source.network.model_dump()["application_group_id"] != source.network.model_dump()["database_group_id"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert "# Names of secrets in Secrets Manager, never the secrets." in path.read_text()
    assert list(path.parent.iterdir()) == [path]


def test_a_hybrid_node_with_its_database_in_a_routed_network(path: Path) -> None:
    answers = [
        "",
        "",
        "git.example.org",
        "",
        "",
        "",
        "",
        HYBRID,
        "Hybrid",
        "",
        "192.168.7.0/24",
        "tgw-0123456789abcdef0",
        "192.168.7.20",
    ]
    result = run(path, *answers, "", "", "", "n")

    assert result.exit_code == 0, result.output
    settings = Settings.load(path)
    assert settings.site.hosted_zone.kind == "elsewhere"
    assert settings.cutover.go == "automatic"
    assert isinstance(settings.source, ExistingSource)
    assert settings.source.network.kind == "routed"
    assert not settings.source.has_database_server


def test_what_cannot_be_looked_up_is_named_and_asked_for() -> None:
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Call")

    def refuse(_service: str) -> Any:
        raise denied

    account = Account(refuse)
    assert (account.list_zones(), account.list_nodes(), account.list_certificates("x")) == ({}, {}, [])
    assert len(account.notes) == 3


def write_authority(folder: Path) -> Path:
    """Write a certificate into a new folder, so that the other holds the settings alone."""
    folder.mkdir()
    file = folder / "bundle.pem"
    file.write_bytes(trustme.CA().cert_pem.bytes())
    return file


def test_a_managed_database_below_a_path(path: Path, tmp_path: Path) -> None:
    authority = write_authority(tmp_path / "downloads")
    missing = str(tmp_path / "missing.pem")
    address = ["www.example.com/my git", "www.example.com/git/", "", "", "none"]
    servers = ["", "", APP, "", "managed"]
    database = ["forge.rds.amazonaws.com:port", "forge.rds.amazonaws.com:3307", "rds!db-1", missing, str(authority)]
    network = [*[""] * 4, "sg-0123456789abcdef7"]
    result = run(path, "", "", *address, *servers, *database, *network, *[""] * 20)

    assert result.exit_code == 0, result.output
    assert "expected a path such as /git" in result.stderr
    assert f"{missing} cannot be read: No such file or directory" in result.stderr
    settings = Settings.load(path)
    assert (settings.site.dns_name, settings.site.path) == ("www.example.com", "/git")
    source = settings.source
    assert isinstance(source, ExistingSource)
    assert source.database.kind == "managed"
    assert (source.database.host, source.database.port) == ("forge.rds.amazonaws.com", 3307)
    assert source.database.administrator_secret == "rds!db-1"
    assert source.database.certificate_authority.strip() == authority.read_text().strip()
    # The application server is in a VPC. The group of the service is not that of this server.
    assert source.network.model_dump()["database_group_id"] == "sg-0123456789abcdef7"
    assert "-----BEGIN CERTIFICATE-----\n" in path.read_text()
