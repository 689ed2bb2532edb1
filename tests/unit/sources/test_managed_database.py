"""A managed database in the description and in the stacks: the application server administers it, and nobody else reads its secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from settings import Settings

from tests.unit.sources.conftest import list_permissions
from tests.unit.sources.tables import MANAGED, MANAGED_PEERED, write_configuration
from tests.unit.sources.test_described_by_settings import describe
from tests.unit.stacks.conftest import Templates, synthesize

HOST = "forge.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com"
SECRET = "secret:rds!db-0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0-??????"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesize(Settings.load(write_configuration(tmp_path_factory.mktemp("managed"), MANAGED)))


def find_properties(templates: Templates, kind: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for _, _, resource in templates.everywhere(kind)]


@pytest.mark.parametrize("tables", [MANAGED, MANAGED_PEERED])
def test_the_application_server_has_both_roles(tmp_path: Path, tables: str) -> None:
    site = describe(tmp_path, tables)
    assert site.nodes == (site.application.node,)
    assert (site.database.port, site.managed_database.host if site.managed_database else "") == (3307, HOST)


def test_only_the_role_of_the_application_server_reads_the_administrators_secret(templates: Templates) -> None:
    readers = {
        (stack, action)
        for stack in ("ReplicationStack", "TestLaunchStack", "MigrationStack")
        for action, arn, _ in list_permissions(templates, stack)
        if "rds!db" in arn
    }
    assert readers == {
        ("ReplicationStack", "secretsmanager:GetSecretValue"),
        ("ReplicationStack", "secretsmanager:DescribeSecret"),
    }
    of_the_server = {arn for _, arn, _ in list_permissions(templates, "ReplicationStack", role="HybridNodes")}
    assert any(arn.endswith(SECRET) for arn in of_the_server)


def test_dms_checks_the_authority_of_the_source_alone(templates: Templates) -> None:
    (certificate,) = find_properties(templates, "AWS::DMS::Certificate")
    assert certificate["CertificatePem"].strip().startswith("-----BEGIN CERTIFICATE-----")
    modes = {one["EndpointType"]: one["SslMode"] for one in find_properties(templates, "AWS::DMS::Endpoint")}
    assert modes == {"source": "verify-ca", "target": "none"}


def test_another_authority_gets_another_name(tmp_path_factory: pytest.TempPathFactory, templates: Templates) -> None:
    # CloudFormation replaces a certificate, and creates the new one first.
    renewed = MANAGED.replace("-----END CERTIFICATE-----", "AAAA\n-----END CERTIFICATE-----")
    later = synthesize(Settings.load(write_configuration(tmp_path_factory.mktemp("renewed"), renewed)))
    names = [find_properties(one, "AWS::DMS::Certificate")[0]["CertificateIdentifier"] for one in (templates, later)]
    assert names[0] != names[1]
    assert all(name.startswith("cutover-gogs-source-") for name in names)


def test_the_parameter_of_the_machines_has_the_address(templates: Templates) -> None:
    (parameter,) = [
        json.dumps(one["Value"])
        for one in find_properties(templates, "AWS::SSM::Parameter")
        if str(one["Name"]).endswith("/replication")
    ]
    assert f'source_database_host\\\\\\":\\\\\\"{HOST}' in json.dumps(parameter)
    assert "source_database_port" in parameter
