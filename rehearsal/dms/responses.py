"""Format what DMS keeps as its API returns it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rehearsal.dms.models import (
    ENGINES,
    AssessmentRun,
    Certificate,
    Connection,
    Endpoint,
    Instance,
    SubnetGroup,
    Task,
    now,
)
from rehearsal.settings import ACCOUNT

_COUNTERS = ("Inserts", "Deletes", "Updates", "Ddls", "AppliedInserts", "AppliedDeletes", "AppliedUpdates", "AppliedDdls",
             "FullLoadRows", "FullLoadErrorRows")  # fmt: skip
_LOADING = ("Full load", "Table is being reloaded")
NOT_ENABLED = "Not enabled"


def format_task(found: Task, *, status: str | None = None, settings: bool = True) -> dict[str, Any]:
    """Return a task as DescribeReplicationTasks returns it."""
    return {
        "ReplicationTaskArn": found.arn,
        "ReplicationTaskIdentifier": found.id,
        "SourceEndpointArn": found.source.arn,
        "TargetEndpointArn": found.target.arn,
        "ReplicationInstanceArn": found.instance.arn,
        "MigrationType": found.migration,
        "Status": status or found.status,
        "LastFailureMessage": found.failure,
        "StopReason": found.stop_reason,
        "ReplicationTaskCreationDate": found.created,
        "ReplicationTaskStartDate": found.started,
        "RecoveryCheckpoint": format_checkpoint(found),
        "ReplicationTaskStats": format_statistics(found),
        **(
            {"TableMappings": found.mappings_text, "ReplicationTaskSettings": json.dumps(found.settings)}
            if settings
            else {}
        ),
    }


def format_checkpoint(found: Task) -> str | None:
    """Return the position from which the task goes on in the source's log, in the form of DMS; None before the first."""
    position = found.report.get("checkpoint")
    return f"checkpoint:V1#1#{position}:-1:0:0:{position}#0#0#*#0#0" if position else None


def format_statistics(found: Task) -> dict[str, Any]:
    """Return the progress of a task's full load."""
    states = [table["state"] for table in found.report.get("tables", ())]
    loaded = states.count("Table completed")
    errored = states.count("Table error")
    begun, ended = found.started, found.stopped
    elapsed = ((ended or now()) - begun).total_seconds() if begun else 0.0
    return {
        "FullLoadProgressPercent": 100 * (loaded + errored) // len(states) if states else 0,
        "ElapsedTimeMillis": round(elapsed * 1000),
        "TablesLoaded": loaded,
        "TablesLoading": sum(state in _LOADING for state in states),
        "TablesQueued": states.count("Before load"),
        "TablesErrored": errored,
        "FreshStartDate": found.fresh_start,
        "StartDate": begun,
        "StopDate": ended,
        "FullLoadStartDate": _format_time(found.report.get("full_load_started")),
        "FullLoadFinishDate": _format_time(found.report.get("full_load_finished")),
    }


def format_table(raw: Mapping[str, Any], *, reloaded: bool, validated: bool) -> dict[str, Any]:
    """Return one table as DescribeTableStatistics returns it. `raw` is the engine's report of it."""
    validation, times = raw["validation"], raw["times"]
    state = validation.get("state", "Pending validation") if validated else NOT_ENABLED
    return {
        "SchemaName": raw["schema"],
        "TableName": raw["table"],
        **{name: int(raw["counters"].get(name, 0)) for name in _COUNTERS},
        "FullLoadCondtnlChkFailedRows": 0,
        "FullLoadStartTime": _format_time(times.get("start")),
        "FullLoadEndTime": _format_time(times.get("end")),
        "FullLoadReloaded": reloaded,
        "LastUpdateTime": _format_time(times.get("update")),
        "TableState": raw["state"],
        "ValidationPendingRecords": int(validation.get("pending", 0)),
        "ValidationFailedRecords": int(validation.get("failed", 0)),
        "ValidationSuspendedRecords": int(validation.get("suspended", 0)),
        "ValidationState": state,
        "ValidationStateDetails": str(validation.get("details", "") or raw["reason"]),
    }


def format_connection(connection: Connection) -> dict[str, Any]:
    """Return a connection as DescribeConnections returns it."""
    return {
        "ReplicationInstanceArn": connection.instance.arn,
        "ReplicationInstanceIdentifier": connection.instance.id,
        "EndpointArn": connection.endpoint.arn,
        "EndpointIdentifier": connection.endpoint.id,
        "Status": connection.status,
        "LastFailureMessage": connection.message,
    }


def format_endpoint(endpoint: Endpoint, status: str = "active") -> dict[str, Any]:
    """Return an endpoint as DescribeEndpoints returns it."""
    return {
        "EndpointArn": endpoint.arn,
        "EndpointIdentifier": endpoint.id,
        "EndpointType": endpoint.kind.upper(),
        "EngineName": endpoint.engine,
        "EngineDisplayName": ENGINES[endpoint.engine],
        "Status": status,
        **endpoint.values,
    }


def format_certificate(certificate: Certificate) -> dict[str, Any]:
    """Return a certificate as DescribeCertificates returns it."""
    return {
        "CertificateIdentifier": certificate.id,
        "CertificateCreationDate": certificate.created,
        "CertificatePem": certificate.pem,
        "CertificateArn": certificate.arn,
        "CertificateOwner": ACCOUNT,
        **certificate.values,
    }


def format_instance(instance: Instance, status: str) -> dict[str, Any]:
    """Return an instance as DescribeReplicationInstances returns it."""
    place = instance.place
    return {
        "ReplicationInstanceArn": instance.arn,
        "ReplicationInstanceIdentifier": instance.id,
        "ReplicationInstanceStatus": status,
        "InstanceCreateTime": instance.created,
        "AvailabilityZone": place.zone,
        "ReplicationInstancePrivateIpAddress": place.ip,
        "ReplicationInstancePrivateIpAddresses": [place.ip],
        "ReplicationInstancePublicIpAddress": place.public_ip,
        "ReplicationInstancePublicIpAddresses": [place.public_ip] if place.public_ip else [],
        "VpcSecurityGroups": [{"VpcSecurityGroupId": group, "Status": "active"} for group in instance.groups],
        "ReplicationSubnetGroup": format_subnet_group(instance.subnet_group),
        "PendingModifiedValues": {},
        **instance.values,
    }


def format_subnet_group(group: SubnetGroup) -> dict[str, Any]:
    """Return a group as DescribeReplicationSubnetGroups returns it."""
    return {
        "ReplicationSubnetGroupIdentifier": group.id,
        "ReplicationSubnetGroupDescription": group.description,
        "VpcId": group.subnets[0].vpc,
        "SubnetGroupStatus": "Complete",
        "SupportedNetworkTypes": ["IPV4"],
        "Subnets": [
            {
                "SubnetIdentifier": subnet.id,
                "SubnetAvailabilityZone": {"Name": subnet.zone},
                "SubnetStatus": "Active",
            }
            for subnet in group.subnets
        ],
    }


def format_assessment_run(run: AssessmentRun, *, is_latest: bool) -> dict[str, Any]:
    """Return a run as DescribeReplicationTaskAssessmentRuns returns it."""
    states = [result["status"] for result in run.results.values()]
    counts = {state.capitalize(): states.count(state) for state in ("passed", "failed", "error", "warning")}
    return {
        "ReplicationTaskAssessmentRunArn": run.arn,
        "ReplicationTaskArn": run.task.arn,
        "Status": run.status,
        "ReplicationTaskAssessmentRunCreationDate": run.created,
        "AssessmentProgress": {
            "IndividualAssessmentCount": len(run.chosen),
            "IndividualAssessmentCompletedCount": len(run.results),
        },
        "LastFailureMessage": run.failure,
        "ServiceAccessRoleArn": run.role,
        "ResultLocationBucket": run.bucket,
        "ResultLocationFolder": run.folder,
        "AssessmentRunName": run.name,
        "IsLatestTaskAssessmentRun": is_latest,
        "ResultStatistic": counts,
    }


def _format_time(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
