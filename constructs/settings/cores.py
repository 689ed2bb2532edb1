"""The processor cores of an instance class."""

from __future__ import annotations

import re

ONE_CORE = re.compile(r"t2\.(micro|small)|[^t][a-z0-9]*\.(medium|small|micro)")
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html"""
XLARGE_CORES = 4


def count_cores(instance_type: str) -> int:
    """Return the number of vCPUs that a class without its prefix, such as t3.medium, has at least: 1, 2, or 4 for each `xlarge`."""
    size = instance_type.partition(".")[2]
    if found := re.match(r"(\d*)xlarge", size):
        return XLARGE_CORES * int(found[1] or 1)
    if size.startswith("metal"):
        return XLARGE_CORES
    return 1 if ONE_CORE.fullmatch(instance_type) else 2
