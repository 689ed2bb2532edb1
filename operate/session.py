"""Open a session with the operator's credentials. Report wrong credentials and wrong endpoints in one sentence, before any call."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from common.errors import ConfigurationError

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.credentials import Credentials, ReadOnlyCredentials

PARTS = {"access_key": "access key id", "secret_key": "secret access key", "token": "session token"}


def open_session(region: str | None = None) -> boto3.session.Session:
    """Return a session. ConfigurationError when its credentials cannot be read, or cannot be sent.

    No credentials, expired ones and those that AWS refuses are errors of the first call, which names its permission.
    """
    session = boto3.session.Session(region_name=region)
    try:
        with suppress(BotoCoreError, ClientError):  # of the first call
            _check_characters(_freeze(session.get_credentials()))
    except (OSError, ValueError) as error:
        # A file of the profile, or the output of its credential_process. The message of the parser has no part of the output.
        raise ConfigurationError(
            f"the AWS credentials cannot be read: {error}",
            next_action="correct the profile in ~/.aws/config, or name another one with AWS_PROFILE",
        ) from error
    return session


def create_client(
    session: boto3.session.Session, service: str, *, region: str | None = None, config: Config | None = None
) -> Any:
    """Return the client of a service. ConfigurationError when its endpoint is no URL."""
    try:
        return session.client(service, region_name=region, config=config)  # type: ignore[call-overload]
    except ValueError as error:
        raise ConfigurationError(
            f"the client of {service} cannot be made: {error}",
            next_action="correct AWS_ENDPOINT_URL, or endpoint_url in ~/.aws/config: a URL such as http://127.0.0.1:4566",
        ) from error


def _freeze(credentials: Credentials | None) -> ReadOnlyCredentials | None:
    return credentials.get_frozen_credentials() if credentials else None


def _check_characters(credentials: ReadOnlyCredentials | None) -> None:
    """Refuse line breaks and spaces, which a copied secret often has: the error of the HTTP client would show it."""
    for attribute, name in PARTS.items():
        value = str(getattr(credentials, attribute, None) or "")
        if any(character.isspace() or not character.isprintable() for character in value):
            raise ConfigurationError(
                f"the {name} of the AWS credentials contains a space, a line break or a control character",
                next_action="set it again without this character",
            )
