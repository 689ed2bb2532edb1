"""The processes of a world: the local AWS, and what the provider needs besides it."""

from __future__ import annotations

from rehearsal import providers
from rehearsal.component import Component
from rehearsal.settings import Settings


def list_components(settings: Settings) -> tuple[Component, ...]:
    """Return the components in the order in which they start. They stop in the opposite order."""
    aws = Component("aws", "rehearsal.aws", settings.aws_port, grace=20.0)
    return (aws, *providers.find(settings).list_components(settings))
