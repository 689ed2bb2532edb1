"""AWS's own host names: what a machine calls that knows no endpoint of the local AWS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud


def publish(cloud: Cloud, hosts: Sequence[str]) -> None:
    """Serve the local AWS with TLS under these names, and let the VPCs resolve them. Other names of AWS do not exist."""
    address = cloud.world.publish(list(hosts))
    cloud.names.add(lambda name, _: [address] if name in hosts else None)
