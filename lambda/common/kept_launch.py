"""Decide whether what the provider has of a source server is still the launch of a checkpoint. A launch replaces the replica of an earlier one."""

from __future__ import annotations

from common.clients.provider import Provider
from common.suspension import Checkpoint


def is_current(provider: Provider, checkpoint: Checkpoint) -> bool:
    """Return whether the source server's replica is the one of the checkpoint, or will be when the launch has ended.

    False: it is gone, or somebody has launched the source server again, and then the replica is not ours to use or to remove.
    """
    server_id = checkpoint.source_server_id
    if checkpoint.instance_id:
        return provider.find_launched_instance(server_id) == checkpoint.instance_id
    # Tags do not prove it: the launch settings keep them, so a machine that a person launches has them too.
    return provider.find_last_launch(server_id) in ("", checkpoint.job_id)
