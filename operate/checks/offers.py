"""Whether the region offers the instance types, the class and version of the database, and the class of DMS that the settings name.

`cdk synth` knows their form alone. A deploy would fail minutes after its begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from common.clients.aws import translate_aws_errors

from operate.checks.clients import CheckClients
from operate.checks.demo import list_instance_types
from operate.checks.finding import Finding, found_ok, found_problem, try_check

if TYPE_CHECKING:
    from settings import Settings

AREA = "offers"
ZONES = 2
"""of the site: a zone that does not offer the type cannot start its servers"""
DATABASE_ENGINE = "mysql"


def check_offers(site: CheckClients, settings: Settings) -> list[Finding]:
    """Return whether each type and class that the settings name can be started in the region."""
    types = _list_instance_types(settings)
    database, replication = settings.database, settings.replication.instance_class
    return [
        *try_check(AREA, partial(_check_instance_types, site, types), what=f"instance types {', '.join(types)}"),
        *try_check(
            AREA,
            partial(_check_database, site, f"db.{database.instance_type}", database.engine_version),
            what=f"MySQL {database.engine_version} on db.{database.instance_type}",
        ),
        *try_check(AREA, partial(_check_replication, site, replication), what=f"the DMS class {replication}"),
    ]


def _list_instance_types(settings: Settings) -> Mapping[str, str]:
    """Return the key of the settings by EC2 instance type."""
    found = {settings.target.instance_type: "target.instance_type"}
    for key, name in list_instance_types(settings).items():
        found.setdefault(name, key)
    replication_server = getattr(settings.provider, "replication_server_instance_type", "")
    if replication_server:
        found.setdefault(replication_server, "provider.replication_server_instance_type")
    return found


def _check_instance_types(site: CheckClients, types: Mapping[str, str]) -> list[Finding]:
    filters = [{"Name": "instance-type", "Values": list(types)}]
    with translate_aws_errors("ec2:DescribeInstanceTypeOfferings"):
        pages = site.get_client("ec2").get_paginator("describe_instance_type_offerings")
        offered = [
            (str(one["InstanceType"]), str(one["Location"]))
            for page in pages.paginate(LocationType="availability-zone", Filters=filters)
            for one in page["InstanceTypeOfferings"]
        ]
    found = []
    for name, key in types.items():
        zones = sorted({zone for one, zone in offered if one == name})
        if len(zones) >= ZONES:
            found.append(found_ok(AREA, f"{site.region} offers {name} in {len(zones)} zones"))
        else:
            where = f"in {zones[0]} alone" if zones else "not at all"
            found.append(
                found_problem(
                    AREA,
                    f"{site.region} offers {name} {where}, and the site has {ZONES} zones",
                    f"choose another {key} in migration.toml: aws ec2 describe-instance-type-offerings --location-type availability-zone",
                )
            )
    return found


def _check_database(site: CheckClients, name: str, version: str) -> list[Finding]:
    with translate_aws_errors("rds:DescribeOrderableDBInstanceOptions"):
        pages = site.get_client("rds").get_paginator("describe_orderable_db_instance_options")
        options = [
            one
            for page in pages.paginate(Engine=DATABASE_ENGINE, EngineVersion=version, DBInstanceClass=name)
            for one in page["OrderableDBInstanceOptions"]
        ]
    if any(one.get("MultiAZCapable") for one in options):
        return [found_ok(AREA, f"{site.region} offers MySQL {version} on {name}, Multi-AZ")]
    what = "only in one zone, and the database is Multi-AZ" if options else "not at all"
    return [
        found_problem(
            AREA,
            f"{site.region} offers MySQL {version} on {name} {what}",
            "choose another database.instance_type or database.engine_version in migration.toml: "
            f"aws rds describe-orderable-db-instance-options --engine {DATABASE_ENGINE} --engine-version {version}",
        )
    ]


def _check_replication(site: CheckClients, name: str) -> list[Finding]:
    with translate_aws_errors("dms:DescribeOrderableReplicationInstances"):
        pages = site.get_client("dms").get_paginator("describe_orderable_replication_instances").paginate()
        offered = {
            str(one["ReplicationInstanceClass"]) for page in pages for one in page["OrderableReplicationInstances"]
        }
    if name in offered:
        return [found_ok(AREA, f"{site.region} offers {name}")]
    return [
        found_problem(
            AREA,
            f"{site.region} does not offer {name}",
            "choose another replication.instance_class in migration.toml: aws dms describe-orderable-replication-instances",
        )
    ]
