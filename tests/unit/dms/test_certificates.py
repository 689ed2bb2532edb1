"""Certificates of authorities, and the endpoints that check their servers by them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from rehearsal.aws.exceptions import ApiError
from rehearsal.dms.credentials import find_server
from tests.unit.dms.fakes import Api, FakeAccount, FakeNetwork
from tests.unit.dms.test_cloudformation import SECRET, Stack, endpoint

PEM = trustme.CA().cert_pem.bytes().decode()
OTHER_PEM = trustme.CA().cert_pem.bytes().decode()
LOGIN = {"username": "u", "password": "p", "host": "h", "port": 3306}


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount({"s": LOGIN})


@pytest.fixture
def api(account: FakeAccount, tmp_path: Path) -> Iterator[Api]:
    api = Api(FakeNetwork(), account, tmp_path)
    yield api
    api.dms.close()


def import_certificate(api: Api, name: str = "authority", pem: str = PEM) -> str:
    return str(
        api("ImportCertificate", CertificateIdentifier=name, CertificatePem=pem)["Certificate"]["CertificateArn"]
    )


def create_endpoint(api: Api, **properties: Any) -> str:
    made = api(
        "CreateEndpoint",
        EndpointIdentifier="source",
        EndpointType="source",
        EngineName="mysql",
        MySQLSettings=SECRET,
        **properties,
    )
    return str(made["Endpoint"]["EndpointArn"])


def test_a_bundle_is_imported_described_and_deleted(api: Api) -> None:
    arn = import_certificate(api, "Authority", PEM + OTHER_PEM)
    wanted = [{"Name": "certificate-id", "Values": ["authority"]}]
    (found,) = api("DescribeCertificates", Filters=wanted)["Certificates"]
    assert (found["CertificateArn"], found["CertificatePem"]) == (arn, PEM + OTHER_PEM)
    assert found["KeyLength"] >= 256
    assert found["ValidFromDate"] < found["ValidToDate"]
    assert api.get_error("ImportCertificate", CertificateIdentifier="authority", CertificatePem=PEM)[0] == (
        "ResourceAlreadyExistsFault"
    )
    api("DeleteCertificate", CertificateArn=arn)
    assert api.get_error("DeleteCertificate", CertificateArn=arn)[0] == "ResourceNotFoundFault"


@pytest.mark.parametrize("pem", ["", "no certificate", PEM.replace("MII", "XII", 1)])
def test_what_is_no_certificate_is_rejected(api: Api, pem: str) -> None:
    code, _ = api.get_error("ImportCertificate", CertificateIdentifier="authority", CertificatePem=pem)
    assert code == "InvalidCertificateFault"


def test_a_certificate_that_an_endpoint_uses_is_not_deleted(api: Api) -> None:
    arn = import_certificate(api)
    source = create_endpoint(api, SslMode="verify-ca", CertificateArn=arn)
    assert api.get_error("DeleteCertificate", CertificateArn=arn)[0] == "InvalidResourceStateFault"
    api("DeleteEndpoint", EndpointArn=source)
    api("DeleteCertificate", CertificateArn=arn)


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"SslMode": "verify-ca"}, "InvalidParameterValueException"),
        ({"SslMode": "verify-full"}, "InvalidParameterValueException"),
        ({"SslMode": "require"}, "InvalidParameterValueException"),
        ({"SslMode": "always"}, "InvalidParameterValueException"),
        ({"SslMode": "verify-ca", "CertificateArn": "arn:aws:dms:us-east-1:0:cert:X"}, "ResourceNotFoundFault"),
    ],
)
def test_a_mode_that_cannot_check_the_server_is_rejected(api: Api, properties: dict[str, str], code: str) -> None:
    with pytest.raises(ApiError) as caught:
        create_endpoint(api, **properties)
    assert caught.value.code == code


@pytest.mark.parametrize(("mode", "checks_host"), [("verify-ca", False), ("verify-full", True)])
def test_the_engine_gets_the_authority(api: Api, account: FakeAccount, mode: str, checks_host: bool) -> None:
    source = create_endpoint(api, SslMode=mode, CertificateArn=import_certificate(api))
    found = find_server(api.dms.state.get_endpoint(source), account)
    assert (found["authority"], found["checks_host"]) == (PEM, checks_host)
    plain = api("ModifyEndpoint", EndpointArn=source, SslMode="none")["Endpoint"]
    assert plain["SslMode"] == "none"
    assert "authority" not in find_server(api.dms.state.get_endpoint(source), account)


def test_the_engine_gets_the_first_statement_of_each_session(api: Api, account: FakeAccount) -> None:
    first = "SET FOREIGN_KEY_CHECKS=0"
    target = create_endpoint(api, ExtraConnectionAttributes=f"Initstmt={first}")
    assert find_server(api.dms.state.get_endpoint(target), account)["init_statement"] == first
    shown = api("ModifyEndpoint", EndpointArn=target, ExtraConnectionAttributes="")["Endpoint"]
    assert shown["ExtraConnectionAttributes"] == ""
    assert "init_statement" not in find_server(api.dms.state.get_endpoint(target), account)


def test_another_certificate_replaces_the_one_of_an_endpoint(api: Api, account: FakeAccount) -> None:
    source = create_endpoint(api, SslMode="verify-ca", CertificateArn=import_certificate(api))
    api("ModifyEndpoint", EndpointArn=source, CertificateArn=import_certificate(api, "renewed", OTHER_PEM))
    assert find_server(api.dms.state.get_endpoint(source), account)["authority"] == OTHER_PEM


def test_a_template_creates_and_replaces_a_certificate(api: Api) -> None:
    stack = Stack(api)
    properties = {"CertificateIdentifier": "authority-1", "CertificatePem": PEM}
    first, _ = stack.create("Certificate", **properties)
    source, _ = stack.create("Endpoint", **{**endpoint("source"), "SslMode": "verify-ca", "CertificateArn": first})
    assert api.dms.state.get_endpoint(source).certificate is api.dms.state.get_certificate(first)
    # CloudFormation replaces it, and a resource with a name of its own needs another name then.
    with pytest.raises(ApiError, match="needs another CertificateIdentifier"):
        stack.update("Certificate", first, properties, {**properties, "CertificatePem": OTHER_PEM})
    renewed = {"CertificateIdentifier": "authority-2", "CertificatePem": OTHER_PEM}
    second = stack.update("Certificate", first, properties, renewed)
    assert second != first
    assert json.dumps(api("DescribeCertificates")).count("CertificateArn") == 2
