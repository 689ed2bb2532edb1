"""What is asked of the Price List API (GetProducts). Pure.

Source: AWS Price List API, and the price list of each service. An attribute `usagetype` begins with a short name of the region outside of
us-east-1: `EUC1-BoxUsage:t3.medium`. So it is compared here and is no filter of the request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from settings import Settings

RDS, RDS_STORAGE, EFS, NAT, SERVER = "rds", "rds-storage", "efs", "nat", "server"
HTTP_BALANCER, TCP_BALANCER, DMS = "http-balancer", "tcp-balancer", "dms"


@dataclass(frozen=True, kw_only=True)
class Query:
    """One product. `filters`: attributes that must be equal; `usage`: `usagetype` without the region."""

    service: str
    usage: str
    filters: Mapping[str, str]

    def build_filters(self, region: str) -> list[dict[str, str]]:
        """Return the filters of the request."""
        fields = {"regionCode": region, **self.filters}
        return [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in fields.items()]

    def is_match(self, attributes: Mapping[str, Any]) -> bool:
        """Return whether a product is the one that is asked for."""
        return (
            re.fullmatch(rf"(?:[A-Z0-9]+-)?{re.escape(self.usage)}", str(attributes.get("usagetype", ""))) is not None
        )


def list_queries(settings: Settings) -> dict[str, Query]:
    """Return the products of this site, by key."""
    server, database = settings.target.instance_type, f"db.{settings.database.instance_type}"
    dms = settings.replication.instance_class
    balancer = "Load Balancer-"
    return {
        RDS: Query(
            service="AmazonRDS",
            usage=f"Multi-AZUsage:{database}",
            filters={"instanceType": database, "databaseEngine": "MySQL", "deploymentOption": "Multi-AZ"},
        ),
        RDS_STORAGE: Query(
            service="AmazonRDS",
            usage="RDS:Multi-AZ-GP3-Storage",
            filters={"productFamily": "Database Storage", "deploymentOption": "Multi-AZ"},
        ),
        EFS: Query(service="AmazonEFS", usage="TimedStorage-ByteHrs", filters={"productFamily": "Storage"}),
        NAT: Query(service="AmazonEC2", usage="NatGateway-Hours", filters={"productFamily": "NAT Gateway"}),
        SERVER: Query(
            service="AmazonEC2",
            usage=f"BoxUsage:{server}",
            filters={
                "instanceType": server,
                "operatingSystem": "Linux",
                "preInstalledSw": "NA",
                "tenancy": "Shared",
                "capacitystatus": "Used",
            },
        ),
        HTTP_BALANCER: Query(
            service="AWSELB", usage="LoadBalancerUsage", filters={"productFamily": f"{balancer}Application"}
        ),
        TCP_BALANCER: Query(
            service="AWSELB", usage="LoadBalancerUsage", filters={"productFamily": f"{balancer}Network"}
        ),
        DMS: Query(service="AWSDatabaseMigrationSvc", usage=f"InstanceUsg:{dms}", filters={}),
    }
