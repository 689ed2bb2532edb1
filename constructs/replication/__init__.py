"""What replicates, and the evidence of it."""

from replication.data_replication import DataReplication
from replication.dms_roles import DmsRoles
from replication.evidence import EvidenceStore
from replication.facts import ReplicationFacts
from replication.lag_alarms import LagAlarms

__all__ = ["DataReplication", "DmsRoles", "EvidenceStore", "LagAlarms", "ReplicationFacts"]
