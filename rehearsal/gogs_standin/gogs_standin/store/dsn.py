"""Convert app.ini to the arguments of a connection. `NAME` may have one parameter: `gogs?tls=true`."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import parse_qsl

from ..config.config import Config, ConfigError


def build_arguments(config: Config) -> dict[str, Any]:
    """Return the keyword arguments of pymysql.connect. Raises ConfigError."""
    if config.database_type != "mysql":
        raise ConfigError(f"[database] TYPE {config.database_type!r}: this build knows mysql only")
    name, _, query = config.database_name.partition("?")
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    found: dict[str, Any] = {
        "user": config.database_user,
        "password": config.database_password,
        "database": name,
        "charset": "utf8mb4",
        "connect_timeout": 10,
        **_build_address(config.database_host),
        **_build_tls(parameters.pop("tls", "false")),
    }
    if parameters:
        raise ConfigError(f"[database] NAME: parameters {', '.join(sorted(parameters))} are not known")
    return found


def _build_address(host: str) -> dict[str, Any]:
    if host.startswith("/"):
        return {"unix_socket": host}
    name, _, port = host.rpartition(":") if ":" in host else (host, "", "")
    return {"host": name, "port": int(port or 3306)}


def _build_tls(mode: str) -> dict[str, Any]:
    """Return the TLS options. `true` verifies against the system's trust store; `skip-verify` and `preferred` encrypt without a check."""
    if mode in ("false", ""):
        return {"ssl_disabled": True}
    if mode == "true":
        return {"ssl": ssl.create_default_context()}
    if mode in ("skip-verify", "preferred"):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return {"ssl": context}
    raise ConfigError(f"[database] NAME: tls={mode} is not one of true, false, skip-verify, preferred")
