"""Run each AWS::RDS::DBInstance as a machine. Subnet and parameter groups are ministack's own."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.rds import appliance, exceptions
from rehearsal.aws.rds.models import Database
from rehearsal.aws.registry import Properties, Registry, Resource
from rehearsal.errors import RehearsalError
from rehearsal.settings import REGION
from rehearsal.world import MachineSpec, World, enter

BOOT_SECONDS = 180.0
_log = logging.getLogger(__name__)
# Properties of hardware, backups and costs, which a rehearsal does not emulate.
_WITHOUT_EFFECT = {
    "AllocatedStorage", "MaxAllocatedStorage", "StorageType", "StorageEncrypted", "KmsKeyId", "Iops", "StorageThroughput",
    "BackupRetentionPeriod", "CopyTagsToSnapshot", "AutoMinorVersionUpgrade", "AllowMajorVersionUpgrade",
    "EnableCloudwatchLogsExports", "DeletionProtection", "DeleteAutomatedBackups", "PreferredBackupWindow",
    "PreferredMaintenanceWindow", "EnablePerformanceInsights", "MonitoringInterval", "Tags", "CACertificateIdentifier",
}  # fmt: skip
_WITH_EFFECT = {
    "DBInstanceIdentifier", "DBInstanceClass", "Engine", "EngineVersion", "MasterUsername", "MasterUserPassword",
    "DBSubnetGroupName", "VPCSecurityGroups", "DBParameterGroupName", "Port", "DBName", "MultiAZ", "PubliclyAccessible",
}  # fmt: skip


class Databases:
    """Thread-safe. A database is available when its server accepts connections, so a create takes as long as a boot."""

    def __init__(
        self,
        registry: Registry,
        world: World,
        *,
        endpoints: Endpoints,
        apply_firewall: Callable[[], None],
    ) -> None:
        self._registry, self._world, self._endpoints, self._apply_firewall = registry, world, endpoints, apply_firewall
        self._subnet_groups = registry.get_records("rds", "subnet_groups")
        self._parameter_groups = registry.get_records("rds", "param_groups")
        self._found: dict[str, Database] = {}
        self._lock = threading.Lock()
        registry.register_type(
            "AWS::RDS::DBInstance", create=self._create, update=self._update, delete=self._delete, tags=True
        )

    def find_addresses(self, name: str) -> list[str] | None:
        """Return the address of an endpoint's DNS name; None when it is no database's."""
        return next(([one.endpoint.ip] for one in list(self._found.values()) if one.address == name), None)

    def list_all(self) -> list[Database]:
        """Return every database instance."""
        return list(self._found.values())

    def reboot(self, database: Database) -> None:
        """Begin a reboot; connections break, the address stays."""
        database.status = "rebooting"

        def reboot_machine() -> None:
            try:
                self._world.machines.reboot(database.endpoint.name, BOOT_SECONDS)
                database.status = "available"
            except RehearsalError:
                _log.exception("database %s did not come back", database.id)
                database.status = "failed"

        threading.Thread(target=reboot_machine, name=f"reboot-{database.id}", daemon=True).start()

    def get(self, identifier: str) -> Database:
        """Return one database instance. Raises ApiError when there is none."""
        if identifier not in self._found:
            raise exceptions.instance_not_found(identifier)
        return self._found[identifier]

    def _create(self, logical_id: str, properties: Properties, stack: str) -> Resource:
        if unknown := properties.keys() - _WITH_EFFECT - _WITHOUT_EFFECT:
            raise NotEmulated(f"AWS::RDS::DBInstance with {', '.join(sorted(unknown))}")
        if properties["Engine"] not in ("mysql", "mariadb"):
            raise NotEmulated(f"the database engine {properties['Engine']}")
        identifier = properties.get("DBInstanceIdentifier") or self._registry.generate_physical_name(
            stack, logical_id, longest=63, lower=True
        )
        with self._lock:
            if identifier in self._found:
                raise exceptions.instance_exists(identifier)
            database = self._reserve(identifier, properties)
            self._found[identifier] = database
        try:
            self._boot(database, str(properties["MasterUserPassword"]))
        except BaseException:
            self._delete(identifier, properties)
            raise
        database.status = "available"
        return identifier, _format_attributes(database)

    def _reserve(self, identifier: str, properties: Properties) -> Database:
        group = self._subnet_groups[properties["DBSubnetGroupName"]]
        endpoint = self._endpoints.add(
            f"rds-{secrets.token_hex(4)}",
            subnet_id=group["Subnets"][0]["SubnetIdentifier"],
            groups=properties.get("VPCSecurityGroups") or (),
            public=str(properties.get("PubliclyAccessible", "false")).lower() == "true",
        )
        address = f"{identifier}.c{secrets.token_hex(6)}.{REGION}.rds.amazonaws.com"
        kept = {key: value for key, value in properties.items() if key != "MasterUserPassword"}
        return Database(identifier, endpoint, address, int(properties.get("Port") or 3306), kept)

    def _boot(self, database: Database, password: str) -> None:
        properties = database.properties
        product = self._world.database.product
        parameters = self._read_parameters(properties.get("DBParameterGroupName"))
        options = appliance.render_configuration(product, database.port, parameters)
        master = appliance.render_statements(product, properties["MasterUsername"], password, properties.get("DBName"))
        certificate = self._world.issue_certificate(database.address, [])
        name = database.endpoint.name
        spec = MachineSpec(name, self._world.locate_volume(name), database.endpoint.ip, name=database.id, role="rds")
        self._world.attach(name, database.endpoint.ip)
        self._apply_firewall()
        self._world.launch(
            spec,
            image=self._world.make_image("rds"),
            prepare=lambda root: appliance.install(root, product, options=options, certificate=certificate),
        )
        self._world.machines.wait_booted(name, BOOT_SECONDS)
        self._check_server(name)
        # By standard input: the password is on no disk, and in no command line.
        made = enter.run(self._world.settings, name, ["mysql"], input=master, timeout=60)
        if made.exit_code:
            raise RehearsalError(f"the master user of {name} was not made: {made.stderr.strip().splitlines()[-1:]}")

    def _check_server(self, machine: str) -> None:
        """Require a server that runs: a machine boots without it as well. Raises RehearsalError with what the server logged."""
        asked = enter.run(self._world.settings, machine, ["mysqladmin", "--connect-timeout=30", "ping"], timeout=60)
        if asked.exit_code:
            unit = appliance.APPLIANCES[self._world.database.product].unit
            journal = ["journalctl", "-qu", unit, "-o", "cat", "-n", "30"]
            completed = enter.run(self._world.settings, machine, journal, timeout=60)
            errors = [line for line in completed.stdout.splitlines() if "ERROR" in line]
            raise RehearsalError(
                f"the database server of {machine} does not run: {(errors or [asked.stderr.strip()])[-1]}"
            )

    def _read_parameters(self, group: str | None) -> dict[str, str]:
        """Return the parameters that the group itself sets."""
        if group is None or group.startswith("default."):
            return {}
        if group not in self._parameter_groups:
            raise exceptions.parameter_group_not_found(group)
        kept = self._parameter_groups[group].get("Parameters", {})
        return {name: str(one["ParameterValue"] if isinstance(one, Mapping) else one) for name, one in kept.items()}

    def _update(self, identifier: str, old: Properties, new: Properties, stack: str) -> Resource:
        del stack
        database = self.get(identifier)
        changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        if refused := changed - _WITHOUT_EFFECT - {"VPCSecurityGroups"}:
            raise NotEmulated(f"an update of {', '.join(sorted(refused))} of AWS::RDS::DBInstance {identifier}")
        database.endpoint.groups = tuple(new.get("VPCSecurityGroups") or database.endpoint.groups)
        self._apply_firewall()
        return identifier, _format_attributes(database)

    def _delete(self, identifier: str, _: Properties) -> None:
        database = self._found.get(identifier)
        if database is None:
            return
        self._world.terminate(database.endpoint.name)
        self._endpoints.remove(database.endpoint.name)
        self._apply_firewall()
        self._found.pop(identifier, None)


def _format_attributes(database: Database) -> dict[str, Any]:
    return {
        "Endpoint.Address": database.address,
        "Endpoint.Port": str(database.port),
        "DBInstanceArn": database.arn,
        "DbiResourceId": database.resource,
    }
