"""Identify this machine as a managed node of Systems Manager, and decide whether site.json is about this machine or about the one that it is a copy of.

A file on the disk proves nothing, because a replica has the same file. An EC2 instance is what its metadata names. A hybrid node is
what site.json names, on the hardware on which `cutover-site own` or `adopt` has recorded it (decisions 0009 and 0061).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cutover_site.aws.metadata import Metadata
from cutover_site.configured_for import ConfiguredFor
from cutover_site.errors import NotConfigured, Refused
from cutover_site.system import hardware

HYBRID = "mi-"


@dataclass(frozen=True)
class Node:
    """`id`: `i-…` of an EC2 instance, `mi-…` of a hybrid node. `is_named`: site.json names this machine by this id."""

    id: str
    is_named: bool

    @property
    def is_hybrid(self) -> bool:
        """Return whether the machine is no EC2 instance: it has no metadata, no tags, and its credentials are in a file."""
        return self.id.startswith(HYBRID)


def identify(root: Path, named: str, owner: ConfiguredFor | None, metadata: Metadata, *, claims: bool = False) -> Node:
    """Return which node this machine is. `named`: `node_id` of site.json, empty where there is none. `owner`: of configured-for.

    `claims`: an operator claims the identity here (`own`), so a record of other hardware is no reason against it.
    Raises NotConfigured when it is not known: the metadata of an instance do not respond, or nothing distinguishes this machine
    from a copy. Refused on a copy of a hybrid node that is not an EC2 instance.
    """
    if not named.startswith(HYBRID):
        return _identify_instance(named, metadata)
    is_instance = hardware.is_ec2(root)
    recorded = owner.hardware if owner is not None and owner.instance_id == named else ""
    is_recorded = bool(recorded) and hardware.is_same_hardware(recorded, hardware.read_hardware_id(root))
    if is_instance is None and not is_recorded:
        is_instance = metadata.has_identity_document()
    if is_instance:
        return _identify_instance(named, metadata)
    if claims or is_recorded or (not recorded and hardware.is_ec2(root) is False):
        return Node(named, is_named=True)
    if recorded:
        raise Refused(
            f"this machine is a copy of {named}: its hardware is not that of {named}",
            next_action=f"if it is {named} after a change of its hardware, run cutover-site own",
        )
    raise NotConfigured(
        f"whether this machine is {named} or a copy of it is not known: it has no DMI data, and nobody has claimed the identity here",
        next_action=f"run cutover-site own on {named}",
    )


def claim(root: Path, named: str, owner: ConfiguredFor | None, metadata: Metadata) -> tuple[Node, str]:
    """Return the node and the hardware to record for it, empty for an EC2 instance, whose metadata identify it.

    Raises Refused when site.json names another machine, or nothing of the hardware can be recorded.
    """
    node = identify(root, named, owner, metadata, claims=True)
    if not node.is_named:
        raise Refused(
            f"this machine is the EC2 instance {node.id}, and site.json names {named}",
            next_action=f"adopt it with the node id {node.id}, and write the same node_id into migration.toml",
        )
    if not node.is_hybrid:
        return node, ""
    found = hardware.read_hardware_id(root)
    if not found:
        raise Refused(
            f"nothing distinguishes {node.id} from a copy of its disk: it has neither a UUID in its DMI data nor a network interface with an address",
            next_action="migrate it from a machine whose firmware has DMI data",
        )
    return node, found


def _identify_instance(named: str, metadata: Metadata) -> Node:
    own = metadata.read_instance_id()
    return Node(own, is_named=named in ("", own))
