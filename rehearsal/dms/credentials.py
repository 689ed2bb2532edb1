"""An endpoint as the engine takes it. The secret is read here, when it is used, and kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.dms.connection_attributes import find_init_statement
from rehearsal.dms.models import Endpoint
from rehearsal.dms.ports import Account, Denied

_NEEDED = ("username", "password", "host", "port")


class NoCredentials(Exception):
    """Why the endpoint cannot be used; never with anything of the secret in it."""


def find_server(endpoint: Endpoint, account: Account) -> dict[str, Any]:
    """Return host, port, user and password of a server, and how its certificate is checked. Raises NoCredentials."""
    settings = endpoint.settings
    if secret_id := settings.get("SecretsManagerSecretId"):
        try:
            found = account.read_secret(str(settings["SecretsManagerAccessRoleArn"]), str(secret_id))
        except Denied as error:
            raise NoCredentials(f"Failed to retrieve the secret of endpoint {endpoint.id}: {error}") from error
    else:
        chosen = {key: settings.get(key, endpoint.values.get(key)) for key in ("Username", "ServerName", "Port")}
        found = dict(zip(("username", "host", "port"), chosen.values(), strict=True))
        found["password"] = endpoint.password
    return _build_server(endpoint, found)


def _build_server(endpoint: Endpoint, found: Mapping[str, Any]) -> dict[str, Any]:
    if missing := [key for key in _NEEDED if not found.get(key)]:
        raise NoCredentials(f"The secret of endpoint {endpoint.id} has no {', '.join(missing)}")
    if not str(found["port"]).isdecimal():
        raise NoCredentials(f"The port in the secret of endpoint {endpoint.id} is no number")
    return {
        "host": str(found["host"]),
        "port": int(found["port"]),
        "user": str(found["username"]),
        "password": str(found["password"]),
        **_find_tls(endpoint),
        **find_init_statement(endpoint),
    }


def _find_tls(endpoint: Endpoint) -> dict[str, Any]:
    """Return by which authorities the engine checks the server; nothing when it connects without TLS."""
    mode = endpoint.values["SslMode"]
    if mode == "none" or endpoint.certificate is None:
        return {}
    return {"authority": endpoint.certificate.pem, "checks_host": mode == "verify-full"}
