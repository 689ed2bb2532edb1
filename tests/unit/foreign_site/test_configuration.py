"""The migration.toml of the existing site is one that the product takes: its settings load, and the app has no SourceStack."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme
from settings import Settings as ProductSettings

from rehearsal.foreign_site import facts
from rehearsal.foreign_site.configuration import render_migration_toml
from rehearsal.settings import Settings

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
NODE, GATEWAY, ZONE = "mi-0123456789abcdef0", "tgw-0123456789abcdef0", "Z0123456789ABCDEFGHIJ"


@pytest.mark.parametrize("provider", ["cloudendure", "mgn"])
def test_the_product_loads_the_file(tmp_path: Path, provider: str) -> None:
    world = Settings.load({"REHEARSAL_HOME": str(tmp_path), "REHEARSAL_PROVIDER": provider})
    text = render_migration_toml(world, node_id=NODE, gateway_id=GATEWAY, zone_id=ZONE, certificate_arn=CERTIFICATE)
    file = tmp_path / "migration.toml"
    file.write_text(text)
    loaded = ProductSettings.load(file)
    source = loaded.source
    assert source.kind == "existing"
    assert source.application.node_id == NODE
    assert str(source.application.address) == facts.SERVER_IP
    assert source.network.kind == "routed"
    assert loaded.provider.kind == provider


def test_the_database_of_the_shape_managed_is_a_managed_service(tmp_path: Path) -> None:
    world = Settings.load({"REHEARSAL_HOME": str(tmp_path), "REHEARSAL_SHAPE": "managed"})
    authority = trustme.CA().cert_pem.bytes().decode()
    text = render_migration_toml(
        world, node_id=NODE, gateway_id=GATEWAY, zone_id=ZONE, certificate_arn=CERTIFICATE, authority=authority
    )
    file = tmp_path / "migration.toml"
    file.write_text(text)
    source = ProductSettings.load(file).source
    assert source.kind == "existing"
    database = source.database
    assert database.kind == "managed"
    assert (database.host, database.schema_name) == (facts.DATABASE_HOST, "forge")
    assert database.certificate_authority.strip() == authority.strip()
