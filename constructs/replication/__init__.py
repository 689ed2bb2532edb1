"""What replicates, and the evidence of it."""

from replication.data_replication import DataReplication
from replication.dms_roles import DmsRoles
from replication.evidence import EvidenceStore
from replication.lag_alarms import LagAlarms
from replication.replication_facts import ReplicationFacts

__all__ = ["DataReplication", "DmsRoles", "EvidenceStore", "LagAlarms", "ReplicationFacts"]
