"""migration.toml with another table [provider]."""

from __future__ import annotations

import re
from pathlib import Path

CONFIGURATION = Path(__file__).parents[3] / "migration.toml"

CLOUDENDURE = """
[provider]
kind = "cloudendure"
source_server_name = "gogs"
console_url = "https://console.cloudendure.com"
project = "Gogs"
credentials_secret = "cutover/console"
installation_token_secret = "cutover/agent-token"

"""
MGN = """
[provider]
kind = "mgn"
source_server_name = "gogs"

"""
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MGN_WITH_EVERY_KEY = f"""
[provider]
kind = "mgn"
source_server_name = "gogs"
replication_server_instance_type = "m5.large"
ebs_encryption_key_arn = "{KEY}"
bandwidth_throttling_mbps = 100
boot_mode = "UEFI"

"""


def write_configuration(folder: Path, table: str) -> Path:
    """Write migration.toml with `table` in place of its table [provider], and of its comments on another one. Return its path."""
    path = folder / "site.toml"
    text = CONFIGURATION.read_text(encoding="utf-8")
    path.write_text(re.sub(r"\n\[provider\].*?(?=\n\[)", lambda _: table, text, flags=re.DOTALL), encoding="utf-8")
    return path
