"""Define the tables of the destination: [database], [replication] and [target]."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from settings.base import Model
from settings.cores import count_cores
from settings.values import DatabaseInstanceType, EngineVersion, ImageId, InstanceType, ReplicationInstanceClass


class Database(Model):
    """The target's database, RDS MySQL.

    `on_delete`: what happens to rows and files when the stack is deleted. RDS increases `storage_gib` by itself, to five
    times the size and 65536 at most. It requires a maximum that is at least a tenth above the first size.
    """

    instance_type: DatabaseInstanceType = "t3.medium"
    engine_version: EngineVersion = "8.4.8"
    storage_gib: Annotated[int, Field(ge=20, le=59578)] = 20
    backup_days: Annotated[int, Field(ge=1, le=35)] = 7
    on_delete: Literal["keep", "delete"] = "keep"

    @property
    def cores(self) -> int:
        """Return the number of processor cores that the class has at least."""
        return count_cores(self.instance_type)


class Replication(Model):
    """The replication of the rows by DMS.

    `create_dms_roles`: create the roles of fixed names that exist once per account; false where the account has them.
    """

    instance_class: ReplicationInstanceClass = "dms.t3.medium"
    storage_gib: Annotated[int, Field(ge=20, le=6144)] = 50
    create_dms_roles: bool = True
    lag_alarm_seconds: Annotated[int, Field(ge=1, le=86400)] = 60


class Target(Model):
    """The servers of the target site, over two zones.

    The group starts with `minimum` servers. `nat_gateways`: with 2, each zone has its own. `image_id`: the image of the servers;
    None is the image that the test launch makes. `protected`: CloudFormation refuses to delete DataStack and ServersStack.
    """

    instance_type: InstanceType = "t3.medium"
    minimum: Annotated[int, Field(ge=2, le=20)] = 2
    maximum: Annotated[int, Field(ge=2, le=20)] = 4
    nat_gateways: Annotated[int, Field(ge=1, le=2)] = 1
    image_id: ImageId | None = None
    protected: bool = False

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError("minimum <= maximum")
        return self
