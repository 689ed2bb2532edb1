"""Certificates of ACM, issued by the rehearsal's CA when a balancer serves them: every machine's image trusts it."""

from __future__ import annotations

import os
from pathlib import Path

from rehearsal.aws.cloud import Cloud
from rehearsal.errors import RehearsalError


class Certificates:
    """Files in <home>/state/certificates, readable by root alone."""

    def __init__(self, cloud: Cloud) -> None:
        self._world = cloud.world
        self._folder = cloud.settings.state / "certificates"
        self._kept = cloud.registry.get_records("acm", "certificates")
        self._listeners = cloud.registry.get_records("alb", "listeners")

    def find_balancer_file(self, load_balancer: str) -> str | None:
        """Return the path of a PEM file with chain and key for a balancer's HTTPS listener; None when it names no certificate."""
        for listener in self._listeners.values():
            if listener["LoadBalancerArn"] == load_balancer and listener.get("Certificates"):
                return str(self._write_file(listener["Certificates"][0]))
        return None

    def _write_file(self, arn: str) -> Path:
        record = self._kept.get(arn)
        if record is None:
            raise RehearsalError(f"the certificate {arn} does not exist")
        path = self._folder / f"{arn.rpartition('/')[2]}.pem"
        if not path.exists():
            domain = str(record["DomainName"])
            others = [name for name in record.get("SubjectAlternativeNames", []) if name != domain]
            chain, key = self._world.issue_certificate(domain, others)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(chain + key)
        return path
