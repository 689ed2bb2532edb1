"""Who connects to which database server. Passwords stay in memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DatabaseLogin:
    """The address of a database server, and the user and password of a connection.

    `verify`: the server's certificate must be trusted by the system and match the host name. Otherwise the connection is encrypted when the
    server offers it, and the certificate is not checked (the source's server has a self-signed one). `encrypted`: never without TLS.
    """

    host: str
    port: int
    user: str
    password: str
    verify: bool
    encrypted: bool = False

    def __repr__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}"
