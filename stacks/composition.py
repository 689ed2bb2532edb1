"""Compose the stacks of the app, with their common tags and validations."""

from __future__ import annotations

from typing import assert_never

from aws_cdk import App, Environment, Stack, Tags, Validations
from cdk_nag import AwsSolutionsChecks
from compliance import acknowledge_granular_findings
from existing_source import describe_existing_source
from settings import Settings
from settings.sources import DemoSource, ExistingSource
from source_site import SourceSite

from stacks.data_stack import DataStack
from stacks.migration_stack import MigrationStack
from stacks.replication_stack import ReplicationStack
from stacks.servers_stack import ServersStack
from stacks.source_stack import SourceStack
from stacks.test_launch_stack import TestLaunchStack

SERVERS = "ServersStack"


def add_stacks(app: App, settings: Settings) -> None:
    """Add the stacks to `app`. An existing source has no SourceStack."""
    env = Environment(region=settings.aws.region)
    add_migration(app, settings, source=_add_source(app, settings, env), env=env)
    Tags.of(app).add("cutover:site", settings.site.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def _add_source(app: App, settings: Settings, env: Environment) -> SourceSite:
    match settings.source:
        case DemoSource() as demo:
            return SourceStack(app, "SourceStack", settings=settings, demo=demo, env=env).site
        case ExistingSource() as existing:
            return describe_existing_source(
                _create_import_scope(env), source=existing, site=settings.site, profile=settings.profile
            )
        case unknown:
            assert_never(unknown)


def _create_import_scope(env: Environment) -> Stack:
    """Return a stack for imported constructs. It is in an app of its own, which is never synthesized: it has no resource to deploy."""
    return Stack(App(auto_synth=False), "Imports", env=env)


def add_migration(app: App, settings: Settings, *, source: SourceSite, env: Environment) -> None:
    """Add the stacks of the site that stays, and those that migrate `source` to it.

    The first two depend on no other: deleting the others leaves the site as it is.
    """
    data = DataStack(app, "DataStack", settings=settings, servers_stack=SERVERS, env=env)
    servers = ServersStack(app, SERVERS, settings=settings, data=data, env=env)
    replication = ReplicationStack(app, "ReplicationStack", settings=settings, source=source, data=data, env=env)
    test_launch = TestLaunchStack(
        app,
        "TestLaunchStack",
        settings=settings,
        source=source,
        replication=replication,
        servers=servers,
        env=env,
    )
    MigrationStack(
        app,
        "MigrationStack",
        settings=settings,
        source=source,
        replication=replication,
        test_launch=test_launch,
        servers=servers,
        env=env,
    )
    acknowledge_granular_findings(app)


def synthesize(settings: Settings) -> None:
    """Write the cloud assembly to where the CDK CLI expects it."""
    app = App()
    add_stacks(app, settings)
    app.synth()
