"""What happens to rows and files when the stack goes."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from settings import Settings


def choose_removal_policy(settings: Settings) -> RemovalPolicy:
    """Return the policy for `on_delete`. With `keep` the database outlives the stack, but not a failed first deploy, which holds nothing yet."""
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if settings.database.on_delete == "keep" else RemovalPolicy.DESTROY
