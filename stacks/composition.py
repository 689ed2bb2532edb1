"""All stacks of the app, and what holds for each of them."""

from __future__ import annotations

from aws_cdk import App, Environment, Tags, Validations
from cdk_nag import AwsSolutionsChecks
from settings import Settings

from stacks.migration_stack import MigrationStack
from stacks.replication_stack import ReplicationStack
from stacks.source_stack import SourceStack


def build(app: App, settings: Settings) -> None:
    """Add the three stacks to `app`."""
    env = Environment(region=settings.aws.region)
    source = SourceStack(app, "SourceStack", settings=settings, env=env)
    replication = ReplicationStack(app, "ReplicationStack", settings=settings, source=source.site, env=env)
    MigrationStack(app, "MigrationStack", settings=settings, source=source.site, replication=replication, env=env)
    Tags.of(app).add("cutover:site", settings.site.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def synthesize(settings: Settings) -> None:
    """Write the cloud assembly to where the CDK CLI expects it."""
    app = App()
    build(app, settings)
    app.synth()
