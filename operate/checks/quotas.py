"""The quotas that the stacks come near to, as Service Quotas shows them, against what is in use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import StepFailed
from settings.cores import count_cores

from operate.checks.clients import CheckClients
from operate.checks.demo import count_needs
from operate.checks.finding import Finding, found_ok, found_problem, try_check

if TYPE_CHECKING:
    from settings import Settings

AREA = "quotas"
STANDARD = ("a", "c", "d", "h", "i", "m", "r", "t", "z")
"""families that share the quota of standard instances"""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """One quota, by the codes of Service Quotas (`aws service-quotas list-service-quotas`)."""

    service: str
    code: str
    name: str
    needed: int
    count_used: Callable[[CheckClients], int]


def check_quotas(site: CheckClients, settings: Settings) -> list[Finding]:
    """Return whether each quota leaves room for what is not there yet."""
    has_network = bool(site.list_resources_of("DataStack"))
    cores = count_cores(settings.target.instance_type)
    servers = settings.target.minimum if not site.list_resources_of("ServersStack") else 0
    demo = count_needs(site, settings)
    quotas = (
        # A replica is as large as the provider launches it, which is not known here: as large as a server of the target.
        Quota(service="ec2", code="L-1216C47A", name="vCPUs of running standard instances", needed=(servers + 1) * cores + demo.cores, count_used=_count_cores),
        Quota(service="ec2", code="L-0263D0A3", name="Elastic IP addresses", needed=(0 if has_network else settings.target.nat_gateways) + demo.addresses, count_used=_count_addresses),
        Quota(service="vpc", code="L-F678F1CE", name="VPCs", needed=(0 if has_network else 1) + demo.networks, count_used=_count_vpcs),
    )  # fmt: skip
    return [finding for quota in quotas for finding in try_check(AREA, partial(_check, site, quota), what=quota.name)]


def _check(site: CheckClients, quota: Quota) -> list[Finding]:
    value = _read_value(site, quota)
    used = quota.count_used(site)
    text = f"{quota.name}: {used} of {value} in use, {quota.needed} more needed"
    if used + quota.needed <= value:
        return [found_ok(AREA, text)]
    return [
        found_problem(
            AREA,
            text,
            f"request an increase of {quota.service} {quota.code} in Service Quotas, to {used + quota.needed} at least",
        )
    ]


def _read_value(site: CheckClients, quota: Quota) -> int:
    """Return the value of the account, or AWS's default: Service Quotas may know no value of an account that nobody has changed."""
    client, names = site.get_client("service-quotas"), {"ServiceCode": quota.service, "QuotaCode": quota.code}
    try:
        with translate_aws_errors("servicequotas:GetServiceQuota"):
            return int(client.get_service_quota(**names)["Quota"]["Value"])
    except StepFailed as failed:
        if (
            not isinstance(failed.__cause__, ClientError)
            or get_error_code(failed.__cause__) != "NoSuchResourceException"
        ):
            raise
    with translate_aws_errors("servicequotas:GetAWSDefaultServiceQuota"):
        return int(client.get_aws_default_service_quota(**names)["Quota"]["Value"])


def _count_cores(site: CheckClients) -> int:
    states = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    with translate_aws_errors("ec2:DescribeInstances"):
        pages = site.get_client("ec2").get_paginator("describe_instances").paginate(Filters=states)
        instances = [one for page in pages for group in page["Reservations"] for one in group["Instances"]]
    return sum(_read_cores(one) for one in instances if str(one.get("InstanceType", ""))[:1] in STANDARD)


def _read_cores(instance: dict[str, Any]) -> int:
    options = instance.get("CpuOptions") or {}
    known = int(options.get("CoreCount") or 0) * int(options.get("ThreadsPerCore") or 0)
    return known or count_cores(str(instance["InstanceType"]))


def _count_addresses(site: CheckClients) -> int:
    with translate_aws_errors("ec2:DescribeAddresses"):
        return len(site.get_client("ec2").describe_addresses()["Addresses"])


def _count_vpcs(site: CheckClients) -> int:
    with translate_aws_errors("ec2:DescribeVpcs"):
        pages = site.get_client("ec2").get_paginator("describe_vpcs").paginate()
        return sum(len(page["Vpcs"]) for page in pages)
