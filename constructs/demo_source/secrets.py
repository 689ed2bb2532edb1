"""Define the generated secrets of the demo source. The servers read them with their roles; no person types them."""

from __future__ import annotations

from applications.profile import Profile
from constructs import Construct
from machines import create_secret
from source_site import SourceSecrets

from demo_source import ports
from demo_source.network import DATABASE_ADDRESS


class DemoSecrets(Construct):
    """The secrets of the demo source; `described` has the purpose of each.

    The application server adds its administrator and its acceptance user to `site`.
    """

    def __init__(self, scope: Construct, construct_id: str, *, profile: Profile) -> None:
        super().__init__(scope, construct_id)
        self.described = SourceSecrets(
            application=create_secret(
                self,
                "Application",
                description=f"Database user of {profile.title} at the source",
                fixed={"username": profile.database.user},
            ),
            replication=create_secret(
                self,
                "Replication",
                description="Database user that replicates from the source",
                fixed={"username": "replicator", "host": DATABASE_ADDRESS, "port": ports.MYSQL},
            ),
            site=create_secret(
                self,
                "Site",
                description=f"{profile.secret.key}, administrator and acceptance user of {profile.title}",
                fixed={},
                key=profile.secret.key,
            ),
        )
