"""The words of the API for the states of servers and jobs, and the rules of the life cycle."""

from __future__ import annotations

from typing import Literal

LifeCycleState = Literal[
    "NOT_READY", "READY_FOR_TEST", "TESTING", "READY_FOR_CUTOVER", "CUTTING_OVER", "CUTOVER", "DISCONNECTED"
]
Replication = Literal["STARTED", "PAUSED", "STOPPED", "DISCONNECTED"]
Initiator = Literal["START_TEST", "START_CUTOVER", "TERMINATE"]
JobStatus = Literal["PENDING", "STARTED", "COMPLETED"]
LaunchStatus = Literal["PENDING", "IN_PROGRESS", "LAUNCHED", "FAILED", "TERMINATED"]
FirstBoot = Literal["WAITING", "SUCCEEDED", "STOPPED"]
STEPS = (
    "WAIT",
    "CREATE_SECURITY_GROUP",
    "LAUNCH_REPLICATION_SERVER",
    "BOOT_REPLICATION_SERVER",
    "AUTHENTICATE_WITH_SERVICE",
    "DOWNLOAD_REPLICATION_SOFTWARE",
    "CREATE_STAGING_DISKS",
    "ATTACH_STAGING_DISKS",
    "PAIR_REPLICATION_SERVER_WITH_AGENT",
    "CONNECT_AGENT_TO_REPLICATION_SERVER",
    "START_DATA_TRANSFER",
)
"""Initiation of replication, in this order."""
STARTS_FROM: dict[Initiator, tuple[LifeCycleState, ...]] = {
    "START_TEST": ("READY_FOR_TEST", "TESTING"),
    "START_CUTOVER": ("READY_FOR_CUTOVER", "CUTTING_OVER"),
}
CHANGES_FROM: dict[str, tuple[LifeCycleState, ...]] = {
    "READY_FOR_TEST": ("TESTING", "READY_FOR_CUTOVER", "CUTTING_OVER"),
    "READY_FOR_CUTOVER": ("READY_FOR_TEST", "TESTING", "CUTTING_OVER"),
    "CUTOVER": ("CUTTING_OVER",),
}
"""ChangeServerLifeCycleState: wanted state -> states that it accepts"""
NO_TERMINATION_IN: tuple[LifeCycleState, ...] = ("TESTING", "CUTTING_OVER", "CUTOVER")
ENDED: tuple[LifeCycleState, ...] = ("CUTOVER", "DISCONNECTED")
