"""The replica that a run launches with its provider, and the image that is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from procedure.state.part import Part


@dataclass
class ReplicaState(Part):
    source_server_id: str = ""
    """the provider's id of the server that is replicated"""
    launch_job_id: str = ""
    cleanup_job_id: str = ""
    instance_id: str = ""
    image_id: str = ""
    goes_on: bool = False
    """The replica was taken over before it had copied all files, and copies for this run now."""
    finished: dict[str, float] = field(default_factory=dict)
    """by step: when it was finished (epoch seconds). Of the steps that a later run can take over, and those after them; empty when none may"""
