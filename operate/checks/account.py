"""The account: the CDK's bootstrap, and what migration.toml names in it: secrets, hosted zone, certificate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import StepFailed
from pydantic import BaseModel

from operate.checks.clients import CheckClients
from operate.checks.finding import Finding, found_ok, found_problem, try_check
from operate.checks.names import check_names

if TYPE_CHECKING:
    from settings import Settings

AREA = "account"
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
"""parameter of the bootstrap stack with the default qualifier"""
ABSENT = frozenset({"ParameterNotFound", "ResourceNotFoundException", "NoSuchHostedZone", "NoSuchEntity"})


def check_account(site: CheckClients, settings: Settings) -> list[Finding]:
    """Return what the account has and lacks."""
    caller = site.read_caller()
    found = [found_ok(AREA, f"signed in as {caller}")]
    found += try_check(AREA, lambda: _check_bootstrap(site), what="the bootstrap of the CDK")
    for name in sorted({*_list_secrets(settings.provider), *_list_secrets(settings.source)}):
        found += try_check(AREA, partial(_check_secret, site, name), what=f"the secret {name}")
    if zone_id := settings.site.hosted_zone_id:
        found += try_check(
            AREA, lambda: _check_zone(site, zone_id, settings.site.dns_name), what=f"hosted zone {zone_id}"
        )
    if arn := settings.site.certificate_arn:
        found += try_check(AREA, lambda: _check_certificate(site, arn), what=f"certificate {arn}")
    return found + check_names(site, settings)


def _check_bootstrap(site: CheckClients) -> list[Finding]:
    if _read(lambda: site.get_client("ssm").get_parameter(Name=BOOTSTRAP), "ssm:GetParameter") is None:
        return [found_problem(AREA, f"the CDK is not bootstrapped in {site.region}", "run: npx cdk bootstrap")]
    return [found_ok(AREA, "the CDK is bootstrapped")]


def _list_secrets(table: BaseModel) -> Iterator[str]:
    """Yield the names of the secrets that a table of the settings and the tables in it name: keys that end with `_secret`, and the table `secrets`."""
    for key, value in table:
        if isinstance(value, str) and key.endswith("_secret"):
            yield value
        elif isinstance(value, BaseModel) and key == "secrets":
            yield from (name for _, name in value if isinstance(name, str))
        elif isinstance(value, BaseModel):
            yield from _list_secrets(value)


def _check_secret(site: CheckClients, name: str) -> list[Finding]:
    secret = _read(
        lambda: site.get_client("secretsmanager").describe_secret(SecretId=name), "secretsmanager:DescribeSecret"
    )
    if secret is None or secret.get("DeletedDate"):
        why = "is scheduled for deletion" if secret else "does not exist"
        return [
            found_problem(
                AREA,
                f"the secret {name} {why} in {site.region}",
                "create it in Secrets Manager; migration.toml describes its content",
            )
        ]
    return [found_ok(AREA, f"the secret {name} exists")]


def _check_zone(site: CheckClients, zone_id: str, dns_name: str) -> list[Finding]:
    zone = _read(lambda: site.get_client("route53").get_hosted_zone(Id=zone_id), "route53:GetHostedZone")
    if zone is None:
        return [
            found_problem(AREA, f"there is no hosted zone {zone_id}", "correct site.hosted_zone.id in migration.toml")
        ]
    name = str(zone["HostedZone"]["Name"]).rstrip(".")
    if dns_name != name and not dns_name.endswith(f".{name}"):
        return [
            found_problem(
                AREA,
                f"hosted zone {zone_id} is {name}, which does not hold {dns_name}",
                "correct site.hosted_zone in migration.toml",
            )
        ]
    return [found_ok(AREA, f"hosted zone {zone_id} holds {dns_name}")]


def _check_certificate(site: CheckClients, arn: str) -> list[Finding]:
    if ":server-certificate/" in arn:
        return _check_server_certificate(site, arn)
    found = _read(lambda: site.get_client("acm").describe_certificate(CertificateArn=arn), "acm:DescribeCertificate")
    status = "does not exist" if found is None else str(found["Certificate"].get("Status", "")).lower()
    if status != "issued":
        return [
            found_problem(
                AREA,
                f"certificate {arn} is not usable: {status}",
                "request it in ACM in the region of the stacks, and validate it",
            )
        ]
    return [found_ok(AREA, f"certificate {arn} is issued")]


def _check_server_certificate(site: CheckClients, arn: str) -> list[Finding]:
    """Look up a certificate of IAM, which has no status: it was uploaded."""
    name = arn.rpartition("/")[2]
    read = partial(site.get_client("iam").get_server_certificate, ServerCertificateName=name)
    if _read(read, "iam:GetServerCertificate") is None:
        return [
            found_problem(
                AREA, f"certificate {arn} is not usable: does not exist", "upload it to IAM, or use one of ACM"
            )
        ]
    return [found_ok(AREA, f"certificate {arn} exists")]


def _read(call: Any, action: str) -> Any:
    """Return the response, None when the resource does not exist."""
    try:
        with translate_aws_errors(action):
            return call()
    except StepFailed as failed:
        if isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) in ABSENT:
            return None
        raise
