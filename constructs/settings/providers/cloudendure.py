"""CloudEndure Migration: the table [provider] with kind = "cloudendure"."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, HttpUrl, StringConstraints

from settings.providers.base import NAME_CHECK, ProviderModel
from settings.values import SecretName


def _check_plain_address(url: HttpUrl) -> HttpUrl:
    if url.query or url.fragment or url.username:
        raise ValueError("the console's address alone, such as https://console.cloudendure.com")
    return url


ConsoleUrl = Annotated[HttpUrl, Field(strict=False), AfterValidator(_check_plain_address)]


class CloudEndureSettings(ProviderModel):
    """A project of a CloudEndure console. `source_server_name` is the machine's name in that project."""

    kind: Literal["cloudendure"] = "cloudendure"
    console_url: ConsoleUrl
    project: Annotated[str, StringConstraints(min_length=1, max_length=255), NAME_CHECK]
    credentials_secret: SecretName
    installation_token_secret: SecretName

    @property
    def url(self) -> str:
        """The console's address without a final slash."""
        return str(self.console_url).rstrip("/")

    @property
    def installer_url(self) -> str:
        """Where the console serves its agent's installer."""
        return f"{self.url}/installer_linux.py"
