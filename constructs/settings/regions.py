"""AWS's regions and partitions, from the one table that botocore carries."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any

from botocore.loaders import Loader
from pydantic import AfterValidator


@cache
def _read_partitions() -> list[dict[str, Any]]:
    """Read the partitions of the endpoint rules from botocore. Each AWS SDK has this table (https://github.com/smithy-lang/smithy)."""
    return list(Loader().load_data("partitions")["partitions"])


def find_partition(region: str) -> str | None:
    """Return the partition (`aws`, `aws-cn`, `aws-us-gov`, …) of a region, None where no partition has regions of that form.

    A region that is newer than the table is recognised by its partition's pattern.
    """
    for partition in _read_partitions():
        if region in partition["regions"] and "-global" not in region:
            return str(partition["id"])
    for partition in _read_partitions():
        if re.fullmatch(partition["regionRegex"], region):
            return str(partition["id"])
    return None


def _check_region(value: str) -> str:
    if find_partition(value) is None:
        raise ValueError("a region of AWS such as us-east-1, us-gov-west-1 or cn-north-1")
    return value


Region = Annotated[str, AfterValidator(_check_region)]
