"""AWS MGN ("AWS Transform MGN"): source servers with an agent, block replication, test and cutover launches.

models.py             source servers, jobs and templates
state.py              all records in memory
life_cycle.py         the words of the API for their states, and the rules of the life cycle
identifiers.py        ids, ARNs and hashes of secrets
api/                  the operations, one module for each subject
agents.py             registration and heartbeats of the agents: AWS publishes no protocol, this one is the rehearsal's
agent/, downloads.py  the agent with its installer, and the buckets that it is downloaded from
engine.py             the replication engine, as MGN uses it
source.py             a source server, as the replication engine sees it
launching.py          the work of a launch job; run_requests.py: its request to EC2
jobs.py               jobs, their threads and logs
launch_templates.py   the EC2 launch template of each server
permissions.py        what the caller of a launch must be allowed to do; AWS's managed policies for MGN
roles.py              the roles and profiles that InitializeService makes
events.py             what EventBridge gets
timers.py             what it does later
checkpoint.py         its part of a checkpoint of the world
service.py            all of it, put together

mgn = install(cloud)     in the assembly of the local AWS, once
mgn.close()              ends jobs and replication
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from rehearsal.aws.mgn import downloads
from rehearsal.settings import REGION

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud
    from rehearsal.aws.mgn.service import Mgn

HOSTS = (f"mgn.{REGION}.amazonaws.com", *downloads.HOSTS)
"""what an agent's installer connects to"""


def install(cloud: Cloud) -> Mgn:
    """Register the service, with an engine that copies the disks of the world's machines."""
    # Imported here: the launched machines' and the agents' files are read without ministack.
    from rehearsal.aws.mgn.checkpoint import REPLICAS
    from rehearsal.aws.mgn.engine import BlockEngine
    from rehearsal.aws.mgn.service import Mgn
    from rehearsal.aws.mgn.times import ServiceTimes
    from rehearsal.replication_engine.ec2 import Ec2Cloud
    from rehearsal.replication_engine.environment import read_sync_seconds
    from rehearsal.replication_engine.ports import EngineSettings
    from rehearsal.replication_engine.source import find_source

    settings, times, account = cloud.settings, ServiceTimes.load(os.environ), Ec2Cloud(cloud.settings)
    replicas = settings.pool / REPLICAS
    engine = BlockEngine(
        EngineSettings(replicas, read_sync_seconds(os.environ), times.initiation_step),
        partial(find_source, settings),
        cloud=account,
        mounts=settings.state / "mgn",
        report_url=f"{settings.aws_url}/_rehearsal/mgn/launched",
    )
    made = Mgn(
        cloud.registry,
        clients=cloud.clients,
        control=cloud.control,
        faults=cloud.faults,
        cloud=account,
        engine=engine,
        times=times,
        replicas=replicas,
        find_machine=cloud.world.network.find_endpoint,
    )
    cloud.commands.update(made.checkpoint.commands)
    return made
