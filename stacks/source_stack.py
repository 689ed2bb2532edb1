"""Define SourceStack: the demo source."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from constructs import Construct
from demo_source import ApplicationServer, DatabaseServer, DemoNetwork, DemoSecrets, SiteName, describe_source
from settings import Settings
from settings.sources import DemoSource
from source_site import SourceSecrets, SourceSite


class SourceStack(Stack):
    """A site as an owner may have it: one application server, one MySQL server."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, demo: DemoSource, env: Environment
    ) -> None:
        profile = settings.profile
        super().__init__(
            scope,
            construct_id,
            env=env,
            description=f"Cutover: the mock source, one {profile.title} server and one MySQL server",
        )
        network = DemoNetwork(self, "Network", profile=profile)
        secrets = DemoSecrets(self, "Secrets", profile=profile).described
        database = DatabaseServer(
            self, "DatabaseServer", settings=settings, demo=demo, network=network, secrets=secrets
        )
        application = ApplicationServer(
            self,
            f"{profile.title}Server",
            settings=settings,
            demo=demo,
            network=network,
            secrets=secrets,
        )
        name = SiteName(self, "SiteName", settings=settings, address=application.public_address)

        self.site: SourceSite = describe_source(
            settings=settings,
            network=network,
            secrets=secrets,
            database=database,
            application=application,
            name=name,
        )
        self._add_outputs(settings, secrets, database, application)

    def _add_outputs(
        self, settings: Settings, secrets: SourceSecrets, database: DatabaseServer, application: ApplicationServer
    ) -> None:
        title = settings.profile.title
        CfnOutput(self, "SiteUrl", value=settings.site.source_url, description="The site, at its source")
        CfnOutput(
            self,
            "SiteAddress",
            value=application.public_address,
            description=f"Public address of the {title} server",
        )
        CfnOutput(self, "SiteSecret", value=secrets.site.secret_arn, description="Administrator and acceptance user")
        CfnOutput(self, f"{title}ServerId", value=application.instance.instance_id, description="For Session Manager")
        CfnOutput(self, "DatabaseServerId", value=database.instance.instance_id, description="For Session Manager")
