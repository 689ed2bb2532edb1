"""The partition of AWS that a region belongs to, and the domain of its services, from the endpoint table of botocore."""

from __future__ import annotations

import re
from dataclasses import dataclass

import botocore.session

from cutover_site.errors import NotConfigured


@dataclass(frozen=True)
class Partition:
    """A group of regions with their own accounts and domain."""

    name: str
    """`aws`, `aws-cn`, …"""
    dns_suffix: str
    """`amazonaws.com`, `amazonaws.com.cn`, …"""


def find_partition(region: str) -> Partition:
    """Return the partition of a region. Raises NotConfigured when no partition can have the region.

    A region that is newer than this botocore is found by the partition's pattern of region names, as botocore itself does.
    """
    table = botocore.session.get_session().get_data("endpoints")["partitions"]
    listed = [partition for partition in table if region in partition["regions"]]
    found = listed or [partition for partition in table if re.match(partition["regionRegex"], region)]
    if not found:
        raise NotConfigured(
            f"region {region} belongs to no partition that this machine's botocore knows",
            next_action="check the region in /etc/cutover/site.json; install a newer python3-botocore if it is new",
        )
    return Partition(str(found[0]["partition"]), str(found[0]["dnsSuffix"]))
