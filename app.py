"""The CDK app: three stacks that move a Gogs site to AWS.

`cdk deploy SourceStack` makes a source to try it with, `cdk deploy MigrationStack` performs the migration. Reads
migration.toml, or the file that CUTOVER_CONFIG names. Needs no credentials and no network but the package index.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from aws_cdk import App, Environment, Tags, Validations
from cdk_nag import AwsSolutionsChecks
from settings import Settings, SettingsError

from stacks.migration_stack import MigrationStack
from stacks.replication_stack import ReplicationStack
from stacks.source_stack import SourceStack


def build(app: App, settings: Settings) -> None:
    """The whole app below `app`."""
    env = Environment(region=settings.aws.region)
    source = SourceStack(app, "SourceStack", settings=settings, env=env)
    replication = ReplicationStack(app, "ReplicationStack", settings=settings, source=source.site, env=env)
    MigrationStack(app, "MigrationStack", settings=settings, source=source.site, replication=replication, env=env)
    Tags.of(app).add("cutover:site", settings.site.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def main() -> None:
    try:
        settings = Settings.load(Path(os.environ.get("CUTOVER_CONFIG") or "migration.toml"))
    except SettingsError as error:
        sys.exit(f"error: {error}")
    app = App()
    build(app, settings)
    app.synth()


if __name__ == "__main__":
    main()
