"""AWS MGN (AWS Application Migration Service, AWS Transform MGN): the table [provider] with kind = "mgn"."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.providers.base import ProviderModel
from settings.regions import find_partition
from settings.values import InstanceType

_KEY = re.compile(r"arn:(?P<partition>[a-z0-9-]+):kms:(?P<region>[a-z0-9-]+):\d{12}:key/[A-Za-z0-9-]+")


def _check_key(value: str) -> str:
    if not _KEY.fullmatch(value):
        raise ValueError(
            "the ARN of a key of KMS (arn:aws:kms:REGION:ACCOUNT:key/…), not of an alias; "
            "leave this line out for the account's default key"
        )
    return value


KeyArn = Annotated[str, AfterValidator(_check_key)]


class MgnSettings(ProviderModel):
    """Replication settings of AWS MGN in the account and region of the stacks.

    `source_server_name` is the source server's user-provided id, its tag Name, its host name, its EC2 instance id or its id at MGN. An
    agent that Cutover installs itself registers the server with this user-provided id.
    """

    kind: Literal["mgn"]
    replication_server_instance_type: InstanceType = "t3.small"
    ebs_encryption_key_arn: KeyArn | None = None
    """key of the staging disks and of the launched disks; None is the account's default key. A change copies every disk again"""
    bandwidth_throttling_mbps: Annotated[int, Field(ge=0, le=10000)] = 0
    """most that the agent sends, in Mbit/s; 0 is no limit"""
    boot_mode: Literal["USE_SOURCE", "LEGACY_BIOS", "UEFI"] = "USE_SOURCE"
    """of launched instances; USE_SOURCE is that of the source server"""

    def find_problem(self, *, region: str) -> str:
        """Return what is expected instead of the key of another region: EBS accepts keys of its own region only (https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html)."""
        match = _KEY.fullmatch(self.ebs_encryption_key_arn or "")
        if match is None:
            return ""
        if match["region"] != region:
            return (
                f"ebs_encryption_key_arn to be a key of {region}, where the disks are; this one is of {match['region']}"
            )
        if match["partition"] != find_partition(region):
            return f"ebs_encryption_key_arn to be a key of the partition {find_partition(region)}, to which {region} belongs"
        return ""
