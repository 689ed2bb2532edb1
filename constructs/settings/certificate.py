"""The certificate that a load balancer can use."""

from __future__ import annotations

import re

from settings.regions import find_partition

_ARN = re.compile(
    r"arn:(?P<partition>[a-z0-9-]+):"
    r"(acm:(?P<region>[a-z0-9-]+):\d{12}:certificate/[A-Za-z0-9-]+|iam::\d{12}:server-certificate/[A-Za-z0-9+=,.@_/-]+)"
)


def find_certificate_problem(arn: str, *, region: str) -> str | None:
    """Return what is expected instead of this ARN, None where a load balancer of `region` takes it.

    A listener takes certificates of its own region from ACM, and server certificates of IAM, which have no region:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
    """
    match = _ARN.fullmatch(arn)
    if not match:
        return "the ARN of a certificate of ACM (arn:aws:acm:REGION:ACCOUNT:certificate/…), or of a server certificate of IAM"
    if match["region"] not in (None, region):
        return (
            f"a certificate of {region}, where the load balancer is; "
            f"this one is of {match['region']}: request or import it in {region}"
        )
    if match["partition"] != find_partition(region):
        return f"a certificate of the partition {find_partition(region)}, to which {region} belongs"
    return None
