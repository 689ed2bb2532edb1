"""Instance metadata of EC2, version 2 (a session token for every read)."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from cutover_site.errors import NotConfigured

ADDRESS = "http://169.254.169.254"


@dataclass(frozen=True)
class Metadata:
    """The metadata service of this instance. `timeout` in seconds, per request."""

    address: str = ADDRESS
    timeout: float = 5.0

    def read_instance_id(self) -> str:
        """Return the id of this instance. Raises NotConfigured when the metadata service does not respond."""
        return self._get("instance-id")

    def read_private_address(self) -> str:
        """Return the private IPv4 address. Raises NotConfigured."""
        return self._get("local-ipv4")

    def read_tags(self) -> dict[str, str] | None:
        """Return this instance's tags of Cutover, None when it was started without tags in its metadata. Raises NotConfigured."""
        try:
            names = self._get("tags/instance").split()
        except NotConfigured as error:
            if isinstance(error.__cause__, urllib.error.HTTPError) and error.__cause__.code == 404:
                return None
            raise
        return {
            name: self._get(f"tags/instance/{urllib.parse.quote(name, safe=':=+@,.')}")
            for name in names
            if name.startswith("cutover:")
        }

    def _get(self, path: str) -> str:
        try:
            token = self._request("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
            return self._request("GET", f"/latest/meta-data/{path}", {"X-aws-ec2-metadata-token": token})
        except (urllib.error.URLError, OSError) as error:
            raise NotConfigured(f"instance metadata ({path}) cannot be read: {error}") from error

    def _request(self, method: str, path: str, headers: dict[str, str]) -> str:
        request = urllib.request.Request(self.address + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=self.timeout) as response:
            body: bytes = response.read()
        return body.decode().strip()
