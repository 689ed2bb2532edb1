"""The settings of the client of AWS MGN: CUTOVER_PROVIDER_SETTINGS, written by constructs/providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from common.errors import ConfigurationError

BOOT_MODES = ("USE_SOURCE", "LEGACY_BIOS", "UEFI")
TYPES: Mapping[str, type] = {"str": str, "int": int}


@dataclass(frozen=True, kw_only=True)
class MgnSettings:
    """Properties of the staging area and of launches that only this provider has."""

    replication_server_instance_type: str
    ebs_encryption_key_arn: str
    """key of the staging disks; empty for the account's default key"""
    bandwidth_throttling_mbps: int
    """0 for no limit"""
    boot_mode: str
    """one of BOOT_MODES"""

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> MgnSettings:
        """Return the typed settings. ConfigurationError names the keys that are missing, unknown or wrong."""
        expected = {one.name: TYPES[str(one.type)] for one in fields(cls)}
        problems = sorted(expected.keys() ^ set(given))
        problems += [name for name, kind in expected.items() if name in given and type(given[name]) is not kind]
        if not problems:
            problems += [name for name in ("replication_server_instance_type",) if not given[name]]
            problems += ["bandwidth_throttling_mbps"] if given["bandwidth_throttling_mbps"] < 0 else []
            problems += ["boot_mode"] if given["boot_mode"] not in BOOT_MODES else []
        if problems:
            raise ConfigurationError(
                f"CUTOVER_PROVIDER_SETTINGS: missing, wrong or unknown for MGN: {', '.join(problems)}",
                next_action="deploy the stack again: the construct sets it",
            )
        return cls(**given)
