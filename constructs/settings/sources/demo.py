"""The table [source] with kind = "demo": the servers that SourceStack creates, and the release that they run."""

from __future__ import annotations

from typing import Annotated, Literal

import applications
from pydantic import AfterValidator, Field, HttpUrl, ValidationInfo, field_validator

from settings.base import Model
from settings.values import InstanceType, Sha256, Version

RELEASE_TABLE = "<application>"
"""key of the release in the table [source]. In the file it is a table of its own, with the application's name"""


def _check_user(url: HttpUrl) -> HttpUrl:
    if url.username or url.password:
        raise ValueError("an address without user and password: templates show it")
    return url


ArchiveUrl = Annotated[HttpUrl, Field(strict=False), AfterValidator(_check_user)]


class Release(Model):
    """The release of the application that the demo source runs. Its table in migration.toml has the application's name."""

    application: str
    version: Version
    archive_url: ArchiveUrl
    archive_sha256: Sha256

    @field_validator("version")
    @classmethod
    def _check_supported(cls, version: str, info: ValidationInfo) -> str:
        rule = applications.load(info.data["application"]).release
        if not rule.is_supported(version):
            raise ValueError(rule.expected)
        return version


class DiscoveryAgent(Model):
    """The agent of Application Discovery Service, which the playbook installs on the source's servers when `archive_url` is set."""

    archive_url: ArchiveUrl


class DemoSource(Model):
    """The servers of the demo source. The volumes are in GiB."""

    kind: Literal["demo"] = "demo"
    release: Annotated[Release, Field(validation_alias=RELEASE_TABLE)]
    app_instance_type: InstanceType = "t3.medium"
    app_volume_gib: Annotated[int, Field(ge=8, le=16384)] = 20
    database_instance_type: InstanceType = "t3.medium"
    database_volume_gib: Annotated[int, Field(ge=8, le=16384)] = 20
    demo_content: bool = True
    discovery_agent: DiscoveryAgent | None = None

    @property
    def discovery_agent_url(self) -> str:
        """Return the agent's URL; empty when no agent is installed."""
        return str(self.discovery_agent.archive_url) if self.discovery_agent else ""
