"""Register every service of the local AWS with ministack, and stop what the services keep running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from rehearsal import dms
from rehearsal.aws import (
    aborted_executions,
    asynchronous,
    backup,
    browser,
    custom_resources,
    function_errors,
    mgn,
    pricing,
    public_endpoints,
    record_rules,
    retry_delays,
    ssm,
    stack_waits,
    state_machines,
)
from rehearsal.aws.certificates import Certificates
from rehearsal.aws.cloud import Cloud
from rehearsal.aws.cloudformation import creation_order, generated_secret, schemas
from rehearsal.aws.cloudformation.instance_type import InstanceType
from rehearsal.aws.cloudformation.network_types import NetworkTypes
from rehearsal.aws.cloudformation.secret_attachment import SecretAttachments
from rehearsal.aws.ec2.passes import EC2_PASSES
from rehearsal.aws.efs import FileSystems
from rehearsal.aws.elb.api import ElbApi
from rehearsal.aws.elb.load_balancers import LoadBalancers
from rehearsal.aws.faults import install as install_faults
from rehearsal.aws.provider import Provider
from rehearsal.aws.rds.api import RdsApi
from rehearsal.aws.rds.databases import Databases
from rehearsal.aws.rds.resource_type import InstanceType as DatabaseType
from rehearsal.aws.rds.servers import Servers
from rehearsal.aws.rds.snapshots import Snapshots
from rehearsal.aws.registry import Registry
from rehearsal.aws.scaling.api import AutoScalingApi
from rehearsal.aws.scaling.group_type import GroupType
from rehearsal.aws.scaling.reconciler import Reconciler
from rehearsal.settings import Settings
from rehearsal.world import World


@contextmanager
def assemble(settings: Settings, world: World, provider: Provider) -> Iterator[Cloud]:
    """Create all services of the local AWS and register them with ministack. Stop their processes at the end of the block."""
    registry = Registry()
    cloud = Cloud(settings, registry, world, provider)
    registry.register_actions("ec2", {}, passes=EC2_PASSES, changed=cloud.apply_change)
    with ExitStack() as stack:
        ssm.install(cloud)
        pricing.install(cloud)
        NetworkTypes(cloud)
        InstanceType(cloud)
        registry.simulate_with_context()
        registry.check_properties(schemas.check)
        registry.keep_nested_attributes()
        creation_order.install()
        generated_secret.install(registry)
        function_errors.install(registry)
        registry.keep_workers()
        registry.share_code()
        aborted_executions.install(registry)
        retry_delays.install(registry)
        state_machines.install(registry)
        asynchronous.install(registry)
        record_rules.install(registry)
        registry.show_as("AWS::SecretsManager::Secret", lambda _, attributes: str(attributes["Arn"]))
        registry.show_as("AWS::IAM::InstanceProfile", lambda arn, _: arn.rpartition("/")[2])
        balancers = LoadBalancers(
            registry,
            endpoints=cloud.endpoints,
            place=world,
            apply_firewall=cloud.apply,
            folder=settings.state / "balancers",
            certificate=Certificates(cloud).find_balancer_file,
        )
        stack.callback(balancers.close)
        ElbApi(registry, balancers)
        cloud.names.add(lambda name, _: balancers.find_addresses(name))
        files = FileSystems(
            registry,
            endpoints=cloud.endpoints,
            place=world,
            apply_firewall=cloud.apply,
            folder=settings.pool / "efs",
        )
        stack.callback(files.close)
        cloud.names.add(files.find_addresses)
        backup.install(cloud, files)
        servers = Servers(world, cloud.apply)
        databases = Databases(registry, servers, endpoints=cloud.endpoints, apply_firewall=cloud.apply)
        cloud.names.add(lambda name, _: databases.find_addresses(name))
        DatabaseType(registry, databases, servers, cloud.apply)
        RdsApi(registry, databases, Snapshots(databases, servers, settings.pool / "rds"))
        SecretAttachments(registry, databases)
        stack.callback(dms.install(cloud).close)
        stack.callback(mgn.install(cloud).close)
        public_endpoints.publish(cloud, mgn.HOSTS)
        reconciler = Reconciler(cloud.clients)
        stack.callback(reconciler.close)
        AutoScalingApi(registry, reconciler)
        GroupType(registry, reconciler)
        custom_resources.install(registry, cloud.control)
        stack_waits.StackWaits(registry)
        install_faults(cloud.faults, registry, cloud.control)  # last: around all services
        browser.expose(cloud)
        yield cloud
