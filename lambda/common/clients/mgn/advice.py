"""What to do about each replication error: one line for each value of DataReplicationErrorString."""

from __future__ import annotations

from collections.abc import Mapping

ADVICE: Mapping[str, str] = {
    "AGENT_NOT_SEEN": "check that the source runs, that its service aws-replication is active and that it reaches MGN on TCP 443",
    "SNAPSHOTS_FAILURE": "check that a service control policy or the key policy does not deny snapshots to MGN's service-linked role",
    "NOT_CONVERGING": "the source writes faster than blocks are sent: raise the bandwidth limit or use a larger replication server",
    "UNSTABLE_NETWORK": "check TCP 1500 from the source to the staging subnet for losses, and any proxy between them: port 1500 cannot use one",
    "FAILED_TO_CREATE_SECURITY_GROUP": "check the quota of security groups in the VPC and the rights of MGN's service-linked role",
    "FAILED_TO_LAUNCH_REPLICATION_SERVER": "check the quota of the replication server's instance type, its availability in the zone, and the key of its disks",
    "FAILED_TO_BOOT_REPLICATION_SERVER": "check the replication server in EC2; retry the replication",
    "FAILED_TO_AUTHENTICATE_WITH_SERVICE": "check that the staging subnet reaches MGN on TCP 443 and resolves names (TCP and UDP 53)",
    "FAILED_TO_DOWNLOAD_REPLICATION_SOFTWARE": "check that the staging subnet reaches S3 on TCP 443",
    "FAILED_TO_CREATE_STAGING_DISKS": "check the quota of EBS storage and the policy of the encryption key",
    "FAILED_TO_ATTACH_STAGING_DISKS": "check that the replication server runs, and retry the replication",
    "FAILED_TO_PAIR_REPLICATION_SERVER_WITH_AGENT": "check TCP 1500 from the source to the replication server's address and security group",
    "FAILED_TO_CONNECT_AGENT_TO_REPLICATION_SERVER": "check TCP 1500 from the source to the replication server, and the route between both networks",
    "FAILED_TO_START_DATA_TRANSFER": "read the agent's log on the source (/var/lib/aws-replication-agent/agent.log.0), then retry the replication",
    "UNSUPPORTED_VM_CONFIGURATION": "the virtual machine cannot be replicated without an agent: install the agent on it",
    "LAST_SNAPSHOT_JOB_FAILED": "wait for the next snapshot; if that fails too, read the raw error",
    "FAILED_TO_SETUP_FSX_PROXY": "check the settings of FSx for ONTAP; this product uses EBS",
    "FAILED_TO_CREATE_FSX_SNAPSHOT": "check the settings of FSx for ONTAP; this product uses EBS",
}
"""The members of the enumeration in the service model of 2026-11."""
UNKNOWN = "read the raw error and the server's page in the MGN console"


def advise(error: str) -> str:
    """Return what to do about a replication error, also about one that this release does not know."""
    return ADVICE.get(error, UNKNOWN)
