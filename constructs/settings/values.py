"""Define the kinds of values of migration.toml: how each is normalised, what it refuses, and the sentence with the expected form.

Each pattern follows the service that reads the value; its source stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from applications.installation import URL_PATH
from pydantic import AfterValidator, BeforeValidator


def _create_normalizer(change: Callable[[str], str]) -> BeforeValidator:
    """Return a validator that applies `change` to a text before its check. It leaves other values for the check to refuse."""

    def normalize(value: Any) -> Any:
        return change(value) if isinstance(value, str) else value

    return BeforeValidator(normalize)


def create_pattern_check(pattern: str, expected: str) -> AfterValidator:
    """Return a validator that refuses a text unless `pattern` matches all of it. `expected` completes "expected …"."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(expected)
        return value

    return AfterValidator(check)


_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"

# RFC 1123: labels of at most 63 characters, 253 in all; the last is not a number. DNS knows no case, and a final dot
# means the same name (RFC 1034, 3.1). Names in other scripts are written in Punycode, also the last label.
DnsName = Annotated[
    str,
    _create_normalizer(lambda text: text.removesuffix(".").lower()),
    create_pattern_check(
        rf"(?=.{{1,253}}\Z)({_LABEL}\.)+(?!\d+\Z){_LABEL}",
        "a DNS name such as git.example.com, without scheme, port or path, in Punycode (xn--…) where it is not ASCII",
    ),
]

# An address that needs no encoding: the proxies of the site compare it as text.
UrlPath = Annotated[
    str,
    _create_normalizer(lambda text: text.rstrip("/")),
    create_pattern_check(
        f"({URL_PATH.pattern})?", "a path such as /git, of letters, digits and the characters . _ ~ - between slashes"
    ),
]

# The AWS CLI prints the id with its path. https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html
HostedZoneId = Annotated[
    str,
    _create_normalizer(lambda text: text.removeprefix("/hostedzone/")),
    create_pattern_check(r"Z[A-Z0-9]{1,31}", "the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ"),
]

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
ImageId = Annotated[
    str, create_pattern_check(r"ami-([0-9a-f]{8}|[0-9a-f]{17})", "the id of an image, such as ami-0a1b2c3d4e5f60718")
]

# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
FunctionArn = Annotated[
    str,
    create_pattern_check(
        r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?",
        "the ARN of a function, such as arn:aws:lambda:us-east-1:111122223333:function:announce",
    ),
]

# The address is the endpoint of a subscription. SNS checks no more than this, and sends a mail that must be confirmed.
EmailAddress = Annotated[
    str,
    create_pattern_check(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,255}", "a mail address such as operations@example.com"),
]

# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
SecretName = Annotated[
    str,
    create_pattern_check(
        r"[A-Za-z0-9/_+=.@!-]{1,512}",
        "the name of a secret of Secrets Manager in the same account and region, not its ARN and not the secret itself",
    ),
]

Sha256 = Annotated[
    str,
    _create_normalizer(lambda text: text.lower().removeprefix("sha256:")),
    create_pattern_check(r"[0-9a-f]{64}", "a SHA-256 digest: 64 hexadecimal digits"),
]

_FAMILY = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
_SIZE = r"[a-z0-9]+(-[a-z0-9]+)*"


def _check_processor(value: str) -> str:
    """Check that the instance type is x86_64, as the source's disk is. A `g` in the options after the generation means Graviton.

    https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
    """
    if re.match(r"([a-z]+\d+[a-z]*g[a-z]*[.-]|a1\.)", value):
        raise ValueError("an instance type with x86_64 processors, as the source's disk is made for; this one is arm64")
    return value


InstanceType = Annotated[
    str,
    create_pattern_check(rf"{_FAMILY}\.{_SIZE}", "an EC2 instance type such as t3.medium or m7i.metal-24xl"),
    AfterValidator(_check_processor),
]

# RDS calls its classes db.t3.medium; the CDK writes the prefix itself.
DatabaseInstanceType = Annotated[
    str,
    _create_normalizer(lambda text: text.removeprefix("db.")),
    create_pattern_check(rf"{_FAMILY}\.{_SIZE}", "an RDS instance class such as db.t3.medium or db.x2iedn.xlarge"),
]

# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.Types.html
ReplicationInstanceClass = Annotated[
    str,
    create_pattern_check(rf"dms\.{_FAMILY}\.{_SIZE}", "a DMS instance class such as dms.t3.medium or dms.r6i.large"),
]

# Minor versions of Extended Support carry a suffix. `aws rds describe-db-engine-versions --engine mysql` lists them. A
# major version alone is taken by RDS, but which minor version it means changes with time.
EngineVersion = Annotated[
    str,
    create_pattern_check(
        r"8\.[04]\.\d+(-rds\.\d{8})?",
        "a whole version of RDS for MySQL 8.0 or 8.4, such as 8.4.8; what `8.4` means changes with time, and Aurora is another engine",
    ),
]

# The application's profile defines which versions can be migrated.
Version = Annotated[str, _create_normalizer(lambda text: text.removeprefix("v"))]
