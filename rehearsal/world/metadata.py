"""The metadata of one instance at 169.254.169.254 as a tree, and the HTTP service (IMDSv2 only) that serves it.

Source: "Instance metadata categories" and "Use IMDSv2" of the EC2 user guide.
"""

from __future__ import annotations

import datetime
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from rehearsal.world.provider import Credentials, Identity

Tree = Mapping[str, "Tree | str | bytes"]
_TOKEN_TTL = "X-aws-ec2-metadata-token-ttl-seconds"
_TOKEN = "X-aws-ec2-metadata-token"
_LONGEST = 21600
"""Seconds for which a session token may hold at most."""


def build_tree(identity: Identity, credentials: Callable[[], Credentials | None]) -> dict[str, Tree | str | bytes]:
    """Return the tree below /latest: meta-data, dynamic and user-data, each only as far as the instance has it."""
    meta: dict[str, Tree | str | bytes] = {
        "ami-id": identity.image_id,
        "hostname": identity.local_hostname,
        "instance-id": identity.instance_id,
        "instance-type": identity.instance_type,
        "local-hostname": identity.local_hostname,
        "local-ipv4": identity.private_ip,
        "placement": {"availability-zone": identity.availability_zone, "region": identity.region},
        "security-groups": "\n".join(identity.security_groups),
        "services": {"domain": "amazonaws.com", "partition": "aws"},
    }
    if identity.mac:
        network = {"local-ipv4s": identity.private_ip, "subnet-id": identity.subnet_id, "vpc-id": identity.vpc_id}
        meta["mac"] = identity.mac
        meta["network"] = {"interfaces": {"macs": {identity.mac: network}}}
    if identity.public_ip:
        meta["public-ipv4"] = identity.public_ip
    if identity.tags:
        meta["tags"] = {"instance": dict(identity.tags)}
    if identity.role:
        iam: dict[str, Tree | str | bytes] = {
            "security-credentials": {identity.role: _render_credentials(credentials())}
        }
        if identity.instance_profile_arn:
            iam["info"] = _format_json({"Code": "Success", "InstanceProfileArn": identity.instance_profile_arn})
        meta["iam"] = iam
    document = {
        "accountId": identity.account_id,
        "architecture": "x86_64",
        "availabilityZone": identity.availability_zone,
        "imageId": identity.image_id,
        "instanceId": identity.instance_id,
        "instanceType": identity.instance_type,
        "privateIp": identity.private_ip,
        "region": identity.region,
        "version": "2017-09-30",
    }
    top: dict[str, Tree | str | bytes] = {
        "dynamic": {"instance-identity": {"document": _format_json(document)}},
        "meta-data": meta,
    }
    if identity.user_data is not None:
        top["user-data"] = identity.user_data
    return top


def look_up(root: Tree, path: str) -> bytes | None:
    """Return the value at `path`, or the names below it with a slash after each folder. None: there is nothing."""
    node: Tree | str | bytes = root
    for step in (part for part in path.split("/") if part):
        if not isinstance(node, Mapping) or step not in node:
            return None
        node = node[step]
    if isinstance(node, Mapping):
        return "\n".join(f"{name}/" if isinstance(value, Mapping) else name for name, value in node.items()).encode()
    return node if isinstance(node, bytes) else node.encode()


def _render_credentials(credentials: Credentials | None) -> str:
    if credentials is None:
        return _format_json({"Code": "AssumeRoleUnauthorizedAccess"})
    now = datetime.datetime.now(datetime.UTC)
    return _format_json(
        {
            "Code": "Success",
            "LastUpdated": _format_instant(now),
            "Type": "AWS-HMAC",
            "AccessKeyId": credentials.access_key_id,
            "SecretAccessKey": credentials.secret_access_key,
            "Token": credentials.session_token,
            "Expiration": _format_instant(credentials.expiration),
        }
    )


def _format_instant(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _format_json(value: object) -> str:
    return json.dumps(value, indent=2)


class MetadataServer(ThreadingHTTPServer):
    """Serves every client that reaches its socket. `latest` returns the metadata of an address. A token is valid for one address."""

    daemon_threads = True

    def __init__(self, server: socket.socket, latest: Callable[[str], Tree | None]) -> None:
        super().__init__(("", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = server
        self.latest = latest
        self._tokens: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="metadata", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        """Serve requests until the server closes. Unlike serve_forever it does not poll."""
        while not self._closing:
            self.handle_request()

    def close(self) -> None:
        """Stop the server."""
        self._closing = True
        self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread
        self._thread.join()
        self.server_close()

    def issue_token(self, address: str, seconds: int) -> str:
        """Return a new session token, and remove those that have expired."""
        now = time.monotonic()
        token = secrets.token_urlsafe(40)
        with self._lock:
            self._tokens = {known: value for known, value in self._tokens.items() if value[1] > now}
            self._tokens[token] = (address, now + seconds)
        return token

    def is_valid_token(self, address: str, token: str | None) -> bool:
        """Return whether this address has this token, and it has not expired."""
        owner, end = self._tokens.get(token or "", ("", 0.0))
        return owner == address and end > time.monotonic()


class _Handler(BaseHTTPRequestHandler):
    server: MetadataServer
    server_version = "EC2ws"
    protocol_version = "HTTP/1.1"
    timeout = 60.0

    def do_PUT(self) -> None:
        seconds = self.headers.get(_TOKEN_TTL, "")
        if self.path.rstrip("/") != "/latest/api/token":
            self._respond(404)
        elif "X-Forwarded-For" in self.headers:
            self._respond(403)  # as on EC2: an open proxy on the instance must not hand out credentials
        elif not seconds.isdecimal() or not 1 <= int(seconds) <= _LONGEST:
            self._respond(400)
        else:
            self._respond(
                200, self.server.issue_token(self.client_address[0], int(seconds)).encode(), {_TOKEN_TTL: seconds}
            )

    def do_GET(self) -> None:
        if not self.server.is_valid_token(self.client_address[0], self.headers.get(_TOKEN)):
            self._respond(401)
            return
        version, _, path = unquote(self.path.partition("?")[0]).lstrip("/").partition("/")
        root = self.server.latest(self.client_address[0]) if version == "latest" or version[:2] == "20" else None
        found = None if root is None else look_up(root, path)
        self._respond(404) if found is None else self._respond(200, found)

    def _respond(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  credentials are asked for here
        """Log nothing."""
