"""Which partition of AWS a region belongs to, and the domain of its services: from the table that botocore keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass

import botocore.session

from cutover_site.errors import NotConfigured


@dataclass(frozen=True)
class Partition:
    name: str
    """`aws`, `aws-cn`, …"""
    dns_suffix: str
    """`amazonaws.com`, `amazonaws.com.cn`, …"""


def find_partition(region: str) -> Partition:
    """By the regions that the table names, then by the pattern of the partition, as botocore does for a region that is newer than it.

    Raises NotConfigured for a region that no partition can have.
    """
    table = botocore.session.get_session().get_data("endpoints")["partitions"]
    named = [one for one in table if region in one["regions"]]
    found = named or [one for one in table if re.match(one["regionRegex"], region)]
    if not found:
        raise NotConfigured(
            f"{region} is a region of no partition that this machine's botocore knows",
            next_action="check the region in /etc/cutover/site.json; install a newer python3-botocore if it is new",
        )
    return Partition(str(found[0]["partition"]), str(found[0]["dnsSuffix"]))
