"""Store for which machine the application on this disk is configured. A launched copy of the disk has another instance id and must not run it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from cutover_site.files import data_roots
from cutover_site.instance import InstanceMode
from cutover_site.layout import Layout
from cutover_site.system import textfiles


@dataclass(frozen=True)
class ConfiguredFor:
    """The machine and the mode that the application on this disk is configured for."""

    instance_id: str
    mode: InstanceMode
    background: bool
    hardware: str = ""
    """of a hybrid node (`system.hardware`), because no service names it to a copy of its disk; empty for an EC2 instance"""


def read_configured_for(layout: Layout) -> ConfiguredFor | None:
    """Read for which machine the application is configured. None when the file is missing or damaged: no machine may run it then."""
    try:
        raw = json.loads(layout.configured_for.read_text())
        return ConfiguredFor(
            str(raw["instance_id"]), raw["mode"], bool(raw["background"]), str(raw.get("hardware", ""))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_configured_for(layout: Layout, owner: ConfiguredFor) -> bool:
    """Write for which machine the application is configured. Return whether the file changed."""
    facts = {"instance_id": owner.instance_id, "mode": owner.mode, "background": owner.background}
    if owner.hardware:
        facts["hardware"] = owner.hardware
    return textfiles.replace(layout.configured_for, json.dumps(facts) + "\n")


def find_rejection_reason(layout: Layout, instance_id: str) -> str:
    """Return why the application must not start here; empty when it may."""
    title, owner = layout.application.title, read_configured_for(layout)
    if owner is None:
        return f"{title} on this disk is configured for no machine yet"
    if owner.instance_id != instance_id:
        return f"{title} on this disk is configured for {owner.instance_id}, this is {instance_id}"
    if owner.mode != "source" and not layout.shared.is_mount():
        return f"the shared file system is not mounted at {layout.shared}"
    if owner.mode != "source" and (missing := data_roots.find_missing_bind(layout)):
        return f"the shared file system is not mounted at {missing}"
    return ""
