"""Instance metadata of EC2, version 2 (a session token for every read)."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, replace

from cutover_site.errors import NotConfigured

ADDRESS = "http://169.254.169.254"
PROBE_SECONDS = 1.0


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

    def has_identity_document(self) -> bool:
        """Return whether an instance identity document of EC2 is here. False is no proof: the service may be blocked.

        Other clouds answer at this address too, OpenStack with names of EC2 (metadata service of nova). They have neither session
        tokens nor this document. Source: "Instance identity documents" of the EC2 user guide. Its signature is not checked.
        """
        probe = replace(self, timeout=min(self.timeout, PROBE_SECONDS))
        try:
            document = json.loads(probe._get("instance-identity/document", "dynamic"))
            return document["instanceId"] == probe.read_instance_id() and bool(
                re.fullmatch(r"[0-9]{12}", str(document["accountId"])) and document["region"]
            )
        except (NotConfigured, ValueError, KeyError, TypeError):
            return False

    def _get(self, path: str, tree: str = "meta-data") -> str:
        try:
            token = self._request("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
            return self._request("GET", f"/latest/{tree}/{path}", {"X-aws-ec2-metadata-token": token})
        except (urllib.error.URLError, OSError) as error:
            raise NotConfigured(f"instance metadata ({path}) cannot be read: {error}") from error

    def _request(self, method: str, path: str, headers: dict[str, str]) -> str:
        request = urllib.request.Request(self.address + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=self.timeout) as response:
            body: bytes = response.read()
        return body.decode().strip()
