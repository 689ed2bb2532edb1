"""Compose the stacks of the app, with their common tags and validations."""

from __future__ import annotations

from aws_cdk import App, Environment, Tags, Validations
from cdk_nag import AwsSolutionsChecks
from compliance import acknowledge_granular_findings
from settings import Settings
from source_site import SourceSite

from stacks.migration_stack import MigrationStack
from stacks.replication_stack import ReplicationStack
from stacks.source_stack import SourceStack


def add_stacks(app: App, settings: Settings) -> None:
    """Add the three stacks to `app`."""
    env = Environment(region=settings.aws.region)
    add_migration(app, settings, source=SourceStack(app, "SourceStack", settings=settings, env=env).site, env=env)
    Tags.of(app).add("cutover:site", settings.site.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def add_migration(app: App, settings: Settings, *, source: SourceSite, env: Environment) -> None:
    """Add the stacks that migrate `source`."""
    replication = ReplicationStack(app, "ReplicationStack", settings=settings, source=source, env=env)
    MigrationStack(app, "MigrationStack", settings=settings, source=source, replication=replication, env=env)
    acknowledge_granular_findings(app)


def synthesize(settings: Settings) -> None:
    """Write the cloud assembly to where the CDK CLI expects it."""
    app = App()
    add_stacks(app, settings)
    app.synth()
