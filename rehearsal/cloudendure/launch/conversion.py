"""The conversion of CloudEndure: its agent goes, and its post-launch scripts run once."""

from __future__ import annotations

from pathlib import Path

from rehearsal.replication_engine.conversion import Conversion

SCRIPTS = ("/boot/ce_conversion", "/boot/post_launch")
CONVERSION = Conversion(
    service="CloudEndure",
    agent_folder=Path("var/lib/cloudendure"),
    agent_unit="cloudendure-agent.service",
    folder=Path("var/lib/cloudendure-conversion"),
    unit="cloudendure-conversion.service",
)
