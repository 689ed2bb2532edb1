"""Generated secrets of the source. Machines read them with their role; nobody types them."""

from __future__ import annotations

import json

from applications.profile import Profile
from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from compliance import acknowledge
from constructs import Construct

from source_site import ports
from source_site.network import DATABASE_ADDRESS


def generated_secret(
    scope: Construct, construct_id: str, *, description: str, fixed: dict[str, str | int], key: str = "password"
) -> secretsmanager.Secret:
    """JSON of `fixed` and a random `key` of 32 letters and digits: safe in INI files, DSNs and shells."""
    secret = secretsmanager.Secret(
        scope,
        construct_id,
        description=description,
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=json.dumps(fixed),
            generate_string_key=key,
            password_length=32,
            exclude_punctuation=True,
        ),
        removal_policy=RemovalPolicy.DESTROY,
    )
    acknowledge(
        secret,
        "AwsSolutions-SMG4",
        "Used by a server that reads it at its start, for the days of a migration: rotating would stop the site.",
    )
    return secret


class SourceSecrets(Construct):
    """`application`: the application's database user. `replication`: the user of DMS and of comparisons, as DMS wants it (username,
    password, host, port). `site`: the key that the application encrypts with; the application server adds its administrator and its acceptance user to it."""

    def __init__(self, scope: Construct, construct_id: str, *, profile: Profile) -> None:
        super().__init__(scope, construct_id)
        self.application = generated_secret(
            self,
            "Application",
            description=f"Database user of {profile.title} at the source",
            fixed={"username": profile.database.user},
        )
        self.replication = generated_secret(
            self,
            "Replication",
            description="Database user that replicates from the source",
            fixed={"username": "replicator", "host": DATABASE_ADDRESS, "port": ports.MYSQL},
        )
        self.site = generated_secret(
            self,
            "Site",
            description=f"{profile.secret.key}, administrator and acceptance user of {profile.title}",
            fixed={},
            key=profile.secret.key,
        )

    @property
    def all(self) -> list[secretsmanager.ISecret]:
        return [self.application, self.replication, self.site]
