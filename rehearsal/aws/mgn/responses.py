"""Format servers, jobs and templates as MGN's API returns them. Dates are strings with +00:00."""

from __future__ import annotations

from datetime import datetime, timedelta

from rehearsal.aws.mgn.life_cycle import STEPS
from rehearsal.aws.mgn.models import Attempt, Job, Json, LogItem, SourceServer, Template
from rehearsal.replication_engine.dates import format_date, now


def format_server(server: SourceServer, error: str) -> Json:
    """Return a server. `error` is its DataReplicationErrorString; empty when it is not stalled."""
    launched = (
        {"ec2InstanceID": server.launched.instance_id, "jobID": server.launched.job_id} if server.launched else None
    )
    return _drop_none(
        {
            "sourceServerID": server.id,
            "arn": server.arn,
            "isArchived": server.archived,
            "tags": dict(server.tags),
            "launchedInstance": {**launched, "firstBoot": server.first_boot} if launched else None,
            "dataReplicationInfo": _format_replication(server, error),
            "lifeCycle": _format_life_cycle(server),
            "sourceProperties": server.properties,
            "replicationType": "AGENT_BASED",
            "userProvidedID": server.user_provided_id or None,
        }
    )


def determine_replication_state(server: SourceServer, error: str) -> str:
    """Return the dataReplicationState."""
    record = server.record
    if server.replication != "STARTED":
        return server.replication
    if error:
        return "STALLED"
    if record["phase"] != "continuous":
        return "INITIATING" if record["phase"] == "waiting" else "INITIAL_SYNC"
    if record.get("rescannedBytes"):
        return "RESCAN"
    return "BACKLOG" if record.get("backloggedBytes") else "CONTINUOUS"


def _format_replication(server: SourceServer, error: str) -> Json:
    record, state = server.record, determine_replication_state(server, error)
    total = sum(disk["bytes"] for disk in server.properties.get("disks", []))
    replicated = record.get("replicatedBytes", 0)
    # As recorded of the service: once everything is rescanned the number stays, it does not go back to 0.
    rescanned = record.get("rescannedBytes") or (replicated if record["phase"] == "continuous" else 0)
    disk = {
        "deviceName": next((one["deviceName"] for one in server.properties.get("disks", [])), "/dev/xvda"),
        "totalStorageBytes": record.get("totalBytes", total),
        "replicatedStorageBytes": replicated,
        "rescannedStorageBytes": rescanned,
        "backloggedStorageBytes": record.get("backloggedBytes", 0),
    }
    ended = state == "DISCONNECTED"
    steps = [{"name": name, "status": "NOT_STARTED" if ended else server.steps[name]} for name in STEPS]
    initiation = {"startDateTime": server.initiated and format_date(server.initiated), "steps": steps}
    return _drop_none(
        {
            "dataReplicationState": state,
            "lagDuration": _format_lag(server) if server.is_launchable else None,
            "etaDateTime": record.get("nextConsistent") if state == "INITIAL_SYNC" else None,
            "lastSnapshotDateTime": record.get("lastConsistent"),
            "replicatedDisks": [disk],
            "dataReplicationInitiation": _drop_none(initiation),
            "dataReplicationError": {"error": error, "rawError": server.failure or error} if error else None,
        }
    )


def _format_lag(server: SourceServer) -> str:
    if not server.record.get("backloggedBytes"):
        return "P0D"
    return format_duration(now() - datetime.fromisoformat(server.record["lastConsistent"]))


def format_duration(duration: timedelta) -> str:
    """Return a duration in ISO 8601 with hours, minutes and seconds."""
    minutes, seconds = divmod(duration.total_seconds(), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"PT{hours}H{minutes}M{seconds:.6f}S"


def _format_life_cycle(server: SourceServer) -> Json:
    elapsed = format_duration(now() - server.first_byte) if server.first_byte else None
    return _drop_none(
        {
            "state": server.state,
            "addedToServiceDateTime": format_date(server.added),
            "firstByteDateTime": server.first_byte and format_date(server.first_byte),
            "elapsedReplicationDuration": elapsed,
            "lastSeenByServiceDateTime": format_date(server.seen),
            "lastTest": _format_attempt(server.last_test),
            "lastCutover": _format_attempt(server.last_cutover),
        }
    )


def _format_attempt(attempt: Attempt) -> Json:
    """Return what was done; of what was not done an empty object, as recorded of the service."""
    initiated = attempt.initiated
    return {
        "initiated": {"apiCallDateTime": format_date(initiated[0]), "jobID": initiated[1]} if initiated else {},
        "reverted": {"apiCallDateTime": format_date(attempt.reverted)} if attempt.reverted else {},
        "finalized": {"apiCallDateTime": format_date(attempt.finalized)} if attempt.finalized else {},
    }


def format_job(job: Job) -> Json:
    """Return a job."""
    participants = [
        _drop_none(
            {
                "sourceServerID": one.server_id,
                "launchStatus": one.launch_status,
                "launchedEc2InstanceID": one.instance_id or None,
            }
        )
        for one in job.participants
    ]
    return _drop_none(
        {
            "jobID": job.id,
            "arn": job.arn,
            "type": "TERMINATE" if job.initiator == "TERMINATE" else "LAUNCH",
            "initiatedBy": job.initiator,
            "status": job.status,
            "creationDateTime": format_date(job.created),
            "endDateTime": job.ended and format_date(job.ended),
            "participatingServers": participants,
            "tags": dict(job.tags),
        }
    )


def format_log_item(item: LogItem) -> Json:
    """Return one event of a job's log."""
    return {"logDateTime": format_date(item.date), "event": item.event, "eventData": dict(item.data)}


def format_replication_template(template: Template) -> Json:
    """Return a replication configuration template."""
    own = {"replicationConfigurationTemplateID": template.id, "arn": template.arn, "tags": dict(template.tags)}
    return {**template.values, **own}


def format_launch_template(template: Template) -> Json:
    """Return a launch configuration template."""
    own = {"launchConfigurationTemplateID": template.id, "arn": template.arn, "tags": dict(template.tags)}
    return {**template.values, **own}


def format_replication_configuration(server: SourceServer) -> Json:
    """Return where and how a server is replicated."""
    return {"sourceServerID": server.id, **server.replication_configuration}


def format_launch_configuration(server: SourceServer) -> Json:
    """Return MGN's part of the launch settings of a server; the rest is in its EC2 launch template."""
    own = {"sourceServerID": server.id, "ec2LaunchTemplateID": server.launch_template_id}
    return {**server.launch_configuration, **own}


def _drop_none(values: Json) -> Json:
    return {key: value for key, value in values.items() if value is not None}
