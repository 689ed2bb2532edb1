"""The products of the local price list. The prices are rounded and belong to nobody: they only show where a price appears."""

from __future__ import annotations

from collections.abc import Sequence

from rehearsal.aws.pricing.models import GIGABYTES, Product

_SERVER = {"operatingSystem": "Linux", "preInstalledSw": "NA", "tenancy": "Shared", "capacitystatus": "Used"}
_DATABASE = {"databaseEngine": "MySQL", "deploymentOption": "Multi-AZ"}
PRODUCTS: Sequence[Product] = (
    Product("AmazonEC2", "Compute Instance", "BoxUsage:t3.small", "0.02", attributes={**_SERVER, "instanceType": "t3.small"}),
    Product("AmazonEC2", "Compute Instance", "BoxUsage:t3.medium", "0.04", attributes={**_SERVER, "instanceType": "t3.medium"}),
    Product("AmazonEC2", "NAT Gateway", "NatGateway-Hours", "0.05"),
    Product("AmazonRDS", "Database Instance", "Multi-AZUsage:db.t3.medium", "0.14", attributes={**_DATABASE, "instanceType": "db.t3.medium"}),
    Product("AmazonRDS", "Database Storage", "RDS:Multi-AZ-GP3-Storage", "0.23", GIGABYTES, attributes=_DATABASE),
    Product("AmazonEFS", "Storage", "TimedStorage-ByteHrs", "0.30", GIGABYTES),
    Product("AWSELB", "Load Balancer-Application", "LoadBalancerUsage", "0.02"),
    Product("AWSELB", "Load Balancer-Network", "LoadBalancerUsage", "0.02"),
    Product("AWSDatabaseMigrationSvc", "Replication Server", "InstanceUsg:dms.t3.medium", "0.07"),
)  # fmt: skip
