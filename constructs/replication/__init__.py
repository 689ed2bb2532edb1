"""What replicates, where to, and the record of it."""

from replication.data_replication import DataReplication
from replication.dms_roles import DmsRoles
from replication.facts import ReplicationFacts
from replication.lag_alarms import LagAlarms
from replication.run_store import RunStore
from replication.shared_files import SharedFiles
from replication.target_database import TargetDatabase

__all__ = ["DataReplication", "DmsRoles", "LagAlarms", "ReplicationFacts", "RunStore", "SharedFiles", "TargetDatabase"]
