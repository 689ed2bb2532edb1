"""Keep endpoints: where a database is and how to log in. Secrets are read at use, never here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.dms.api.listing import Filters, list_page
from rehearsal.dms.api.tags import put
from rehearsal.dms.connection_attributes import find_init_statement
from rehearsal.dms.exceptions import already_exists, invalid_combination, invalid_parameter, wrong_state
from rehearsal.dms.models import (
    ENGINES,
    Certificate,
    Endpoint,
    State,
    format_arn,
    make_resource_id,
    normalize_identifier,
)
from rehearsal.dms.ports import Actions
from rehearsal.dms.responses import format_endpoint
from rehearsal.dms.states import ACTIVE

_CLEAR = ("Username", "Password", "ServerName", "Port")
_MODES = ("none", "require", "verify-ca", "verify-full")
_CHECKED_MODES = ("verify-ca", "verify-full")
_SECRET = ("SecretsManagerSecretId", "SecretsManagerAccessRoleArn")
_KNOWN = frozenset({*_CLEAR, *_SECRET, "DatabaseName", "TargetDbType", "ServerTimezone", "EventsPollInterval", "ParallelLoadThreads",
                    "MaxFileSize", "CleanSourceMetadataOnMismatch", "ExecuteTimeout"})  # fmt: skip


class Endpoints:
    """The endpoints, and the actions on them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.actions: Actions = {
            "CreateEndpoint": self.create,
            "ModifyEndpoint": self.modify,
            "DeleteEndpoint": self.delete,
            "DescribeEndpoints": self.describe,
        }

    def create(
        self,
        endpoint_identifier: str,
        endpoint_type: str,
        engine_name: str,
        username: str | None = None,
        password: str | None = None,
        server_name: str | None = None,
        port: int | None = None,
        database_name: str | None = None,
        kms_key_id: str | None = None,
        tags: Sequence[Mapping[str, str]] = (),
        certificate_arn: str | None = None,
        ssl_mode: str = "none",
        my_sql_settings: Mapping[str, Any] | None = None,
        resource_identifier: str | None = None,
        extra_connection_attributes: str | None = None,
    ) -> dict[str, Any]:
        """Create an endpoint."""
        _check_kind(endpoint_type, engine_name)
        name = normalize_identifier(endpoint_identifier, "EndpointIdentifier")
        clear = {"Username": username, "ServerName": server_name, "Port": port, "DatabaseName": database_name,
                 "CertificateArn": certificate_arn,
                 "ExtraConnectionAttributes": extra_connection_attributes}  # fmt: skip
        values = {
            **_leave_out_unset(clear),
            "SslMode": ssl_mode,
            "KmsKeyId": kms_key_id,
            "MySQLSettings": dict(my_sql_settings or {}),
        }
        with self._state.lock:
            self._require_new(name)
            key = format_arn("endpoint", make_resource_id(resource_identifier))
            certificate = self._find_certificate(certificate_arn)
            endpoint = Endpoint(key, name, endpoint_type, engine_name, values, password, certificate)
            _check_settings(endpoint)
            self._state.endpoints[key] = endpoint
            put(self._state, key, tags)
            return {"Endpoint": format_endpoint(endpoint)}

    def modify(
        self,
        endpoint_arn: str,
        endpoint_identifier: str | None = None,
        endpoint_type: str | None = None,
        engine_name: str | None = None,
        username: str | None = None,
        password: str | None = None,
        server_name: str | None = None,
        port: int | None = None,
        database_name: str | None = None,
        certificate_arn: str | None = None,
        ssl_mode: str | None = None,
        my_sql_settings: Mapping[str, Any] | None = None,
        exact_settings: bool = False,
        extra_connection_attributes: str | None = None,
    ) -> dict[str, Any]:
        """Change an endpoint. Connections that were tested have to be tested again."""
        with self._state.lock:
            endpoint = self._state.get_endpoint(endpoint_arn)
            self._require_no_active_task(endpoint)
            if engine_name not in (None, endpoint.engine) or endpoint_type not in (None, endpoint.kind):
                raise NotEmulated("a change of an endpoint's engine or type")
            clear = {"Username": username, "ServerName": server_name, "Port": port, "DatabaseName": database_name,
                     "CertificateArn": certificate_arn, "SslMode": ssl_mode,
                     "ExtraConnectionAttributes": extra_connection_attributes}  # fmt: skip
            settings = dict(my_sql_settings or {})
            merged = settings if exact_settings else {**endpoint.settings, **settings}
            changed = Endpoint(
                endpoint.arn,
                normalize_identifier(endpoint_identifier, "EndpointIdentifier") if endpoint_identifier else endpoint.id,
                endpoint.kind,
                endpoint.engine,
                {**endpoint.values, **_leave_out_unset(clear), "MySQLSettings": merged},
                password or endpoint.password,
                self._find_certificate(certificate_arn) or endpoint.certificate,
            )
            _check_settings(changed)
            self._apply(endpoint, changed)
            return {"Endpoint": format_endpoint(endpoint)}

    def _apply(self, endpoint: Endpoint, changed: Endpoint) -> None:
        """Give the endpoint the changed values, and forget its tested connections."""
        endpoint.id, endpoint.values, endpoint.password = changed.id, changed.values, changed.password
        endpoint.certificate = changed.certificate
        for key in [key for key in self._state.connections if key[1] == endpoint.arn]:
            del self._state.connections[key]

    def _require_new(self, name: str) -> None:
        if any(endpoint.id == name for endpoint in self._state.endpoints.values()):
            raise already_exists("Endpoint", name)

    def _find_certificate(self, certificate_arn: str | None) -> Certificate | None:
        return self._state.get_certificate(certificate_arn) if certificate_arn else None

    def _require_no_active_task(self, endpoint: Endpoint) -> None:
        if any(one.status in ACTIVE and endpoint in (one.source, one.target) for one in self._state.tasks.values()):
            raise wrong_state(f"Endpoint {endpoint.arn} is part of one or more running ReplicationTasks.")

    def delete(self, endpoint_arn: str) -> dict[str, Any]:
        """Delete an endpoint that no task uses."""
        with self._state.lock:
            endpoint = self._state.get_endpoint(endpoint_arn)
            if any(endpoint in (task.source, task.target) for task in self._state.tasks.values()):
                raise wrong_state(f"Endpoint {endpoint.arn} is part of one or more ReplicationTasks.")
            del self._state.endpoints[endpoint.arn]
            self._state.tags.pop(endpoint.arn, None)
            for key in [key for key in self._state.connections if key[1] == endpoint.arn]:
                del self._state.connections[key]
            return {"Endpoint": format_endpoint(endpoint, "deleting")}

    def describe(
        self, filters: Filters = None, max_records: int | None = None, marker: str | None = None
    ) -> dict[str, Any]:
        """Return the endpoints that match."""
        with self._state.lock:
            return list_page(
                self._state.endpoints.values(),
                filters,
                {
                    "endpoint-arn": lambda one: one.arn,
                    "endpoint-id": lambda one: one.id,
                    "endpoint-type": lambda one: one.kind,
                    "engine-name": lambda one: one.engine,
                },
                format_endpoint,
                key="Endpoints",
                what="Endpoints",
                marker=marker,
                size=max_records,
            )


def _leave_out_unset(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _check_kind(endpoint_type: str, engine_name: str) -> None:
    if engine_name not in ENGINES:
        raise NotEmulated(f"the engine {engine_name}")
    if endpoint_type not in ("source", "target"):
        raise invalid_parameter(f"Invalid endpoint type: {endpoint_type}")


def _check_settings(endpoint: Endpoint) -> None:
    """Check an endpoint, and move its password out of what is shown."""
    settings = endpoint.settings
    if unknown := sorted(settings.keys() - _KNOWN):
        raise NotEmulated(f"the MySQL setting {unknown[0]}")
    find_init_statement(endpoint)
    mode = endpoint.values["SslMode"]
    if mode not in _MODES:
        raise invalid_parameter(f"Invalid SSL mode: {mode}")
    if mode == "require":  # user guide, "Using SSL": not supported for MySQL and MariaDB
        raise invalid_parameter(f"SSL mode require is not supported for the engine {endpoint.engine}")
    if mode in _CHECKED_MODES and endpoint.certificate is None:
        raise invalid_parameter(f"The parameter CertificateArn must be provided for the SSL mode {mode}.")
    by_secret = [key for key in _SECRET if settings.get(key)]
    clear = [key for key in _CLEAR if settings.get(key) or endpoint.values.get(key)]
    clear += ["Password"] if endpoint.password and "Password" not in clear else []
    if by_secret and clear:
        raise invalid_combination(
            f"You can specify either the Secrets Manager fields or clear-text values for {', '.join(clear)}, not both"
        )
    if by_secret and len(by_secret) < len(_SECRET):
        raise invalid_combination(f"{' and '.join(_SECRET)} must be specified together")
    if not by_secret and (missing := [key for key in _CLEAR if key not in clear]):
        raise invalid_parameter(f"The parameter {missing[0]} must be provided and must not be blank.")
    target_type = str(settings.get("TargetDbType", "multiple-databases"))
    if target_type.lower().replace("_", "-") not in ("multiple-databases", "specific-database"):
        raise invalid_parameter(f"Invalid TargetDbType: {target_type}")
    endpoint.password = settings.pop("Password", None) or endpoint.password
