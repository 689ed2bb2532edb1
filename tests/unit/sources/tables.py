"""migration.toml with the tables of an existing source in place of [source] and of the release."""

from __future__ import annotations

import re
from pathlib import Path

CONFIGURATION = Path(__file__).parents[3] / "migration.toml"
ZONE_ID = "Z0123456789ABCDEFGHIJ"

SECRETS = """
[source.secrets]
application = "forge/application"
replication = "forge/replication"
site = "forge/site"
"""
PEERED = f"""
[source]
kind = "existing"

[source.application]
node_id = "i-0a1b2c3d4e5f60718"
role_name = "GogsServer"

[source.database]
node_id = "i-0f1e2d3c4b5a69788"
role_name = "DatabaseServer"
port = 3307

[source.network]
kind = "peered"
vpc_id = "vpc-0123456789abcdef0"
cidr = "172.31.0.0/16"
route_table_ids = ["rtb-0123456789abcdef0", "rtb-0fedcba9876543210"]
application_group_id = "sg-0123456789abcdef0"
database_group_id = "sg-0fedcba9876543210"
{SECRETS}"""
ROUTED = f"""
[source]
kind = "existing"

[source.application]
node_id = "mi-0a1b2c3d4e5f60718"
role_name = "HybridNodes"
address = "192.168.7.20"
ssh_port = 2022

[source.database]
node_id = "mi-0f1e2d3c4b5a69788"
role_name = "HybridNodes"
address = "172.20.0.30"

[source.network]
kind = "routed"
cidrs = ["192.168.7.0/24", "172.20.0.0/16"]
gateway_id = "tgw-0123456789abcdef0"
{SECRETS}"""
"""two hybrid nodes behind a transit gateway"""
DATABASE_TABLE = re.compile(r"\n\[source\.database\].*?(?=\n\[)", re.DOTALL)
ONE_SERVER = DATABASE_TABLE.sub("", ROUTED)
"""the database is on the application server"""

MANAGED_TABLE = """
[source.database]
kind = "managed"
engine = "mysql"
host = "forge.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com"
port = 3307
administrator_secret = "rds!db-0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"
certificate_authority = '''
-----BEGIN CERTIFICATE-----
QSBjZXJ0aWZpY2F0ZSBhdXRob3JpdHkgb2YgYSB0ZXN0
-----END CERTIFICATE-----
'''
"""
MANAGED = DATABASE_TABLE.sub(MANAGED_TABLE, ROUTED)
"""the database is a managed service"""
MANAGED_PEERED = DATABASE_TABLE.sub(MANAGED_TABLE, PEERED)


def format_configuration(tables: str) -> str:
    """Return the text of migration.toml with these tables, and with the id of its hosted zone."""
    text = CONFIGURATION.read_text(encoding="utf-8").replace('# id = "Z', 'id = "Z')
    without_release = re.sub(r"\n\[gogs\].*?(?=\n# What follows)", "\n", text, flags=re.DOTALL)
    return re.sub(r"\n\[source\].*?(?=\n\[database\])", lambda _: tables, without_release, flags=re.DOTALL)


def write_configuration(folder: Path, tables: str) -> Path:
    """Write migration.toml with these tables. Return its path."""
    path = folder / "site.toml"
    path.write_text(format_configuration(tables), encoding="utf-8")
    return path
