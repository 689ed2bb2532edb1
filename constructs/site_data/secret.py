"""The secret of the site that stays."""

from __future__ import annotations

from aws_cdk import aws_secretsmanager as secretsmanager
from compliance import acknowledge
from constructs import Construct
from settings import Settings

from site_data.removal import choose_removal_policy

EMPTY = "notCopiedYet"
"""The only key of the secret until a replica has copied the source's secret into it. No server starts with it."""


class SiteSecret(Construct):
    """`secret`: the application's own key, its inherited settings, its administrator and its acceptance user.

    Each launched replica copies the source's site secret into it before its own acceptance. The targets read only this copy.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        profile = settings.profile
        self.secret = secretsmanager.Secret(
            self,
            "Secret",
            description=f"{profile.secret.key} and inherited settings of {profile.title}, at the target",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template="{}",
                generate_string_key=EMPTY,
                password_length=32,
                exclude_punctuation=True,
            ),
            removal_policy=choose_removal_policy(settings),
        )
        acknowledge(
            self.secret,
            "AwsSolutions-SMG4",
            f"{profile.title} encrypts rows with this key: a rotation would make them unreadable.",
        )
