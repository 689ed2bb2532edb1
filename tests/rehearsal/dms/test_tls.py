"""A source that takes connections with TLS alone.

The engine checks its certificate by the authority of the endpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.dms.engine import Engine, build_job
from tests.rehearsal.dms.test_replication import copy_schema
from tests.rehearsal.dms.writer import fill
from tests.unit.dms.fakes import Api, FakeAccount, FakeNetwork, Site
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal
Json = dict[str, Any]
FOREIGN = trustme.CA().cert_pem.bytes().decode()


@pytest.fixture
def ends(from_mysql: tuple[Json, Json], mysql: DatabaseServer) -> tuple[Json, Json]:
    """Return both servers; the account of the source needs TLS."""
    mysql.run("ALTER USER dms@'127.0.0.1' REQUIRE SSL")
    return from_mysql


@pytest.fixture
def authority(mysql: DatabaseServer) -> str:
    """Return the authority that MySQL has made for itself."""
    return (mysql.folder / "data/ca.pem").read_text()


def test_rows_and_changes_come_over_tls(
    mysql: DatabaseServer, rds: DatabaseServer, ends: tuple[Json, Json], authority: str, start: Callable[[Json], Engine]
) -> None:
    fill(mysql, "site")
    copy_schema(mysql, rds, "site")
    engine = start(build_job({**ends[0], "authority": authority}, ends[1], "site"))
    engine.wait("running")
    engine.wait_until(
        lambda found: bool(found["tables"]) and all(t["state"] == "Table completed" for t in found["tables"])
    )
    mysql.run("CREATE TABLE site.later (id INT PRIMARY KEY)", "INSERT INTO site.later VALUES (1)")
    engine.wait_until(
        lambda _: rds.query("SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'later'") == [(1,)]
    )
    engine.wait_until(lambda _: rds.query("SELECT COUNT(*) FROM site.later") == [(1,)])
    engine.stop()


def test_the_connection_test_fails_unless_the_authority_signed_the_certificate(
    ends: tuple[Json, Json], authority: str, tmp_path: Path
) -> None:
    def build_secret(server: Json) -> Json:
        return {"username": server["user"], **{key: server[key] for key in ("password", "host", "port")}}

    secrets = dict(zip(("source-secret", "target-secret"), map(build_secret, ends), strict=True))
    api = Api(FakeNetwork(), FakeAccount(secrets), tmp_path)
    try:
        site = Site(api)

        def test_connection(name: str, pem: str, mode: str) -> Json:
            made = api("ImportCertificate", CertificateIdentifier=name, CertificatePem=pem)
            arn = made["Certificate"]["CertificateArn"]
            api("ModifyEndpoint", EndpointArn=site.source, SslMode=mode, CertificateArn=arn)
            api("TestConnection", ReplicationInstanceArn=site.instance, EndpointArn=site.source)
            wait_until(lambda: site.connections()["site-source"]["Status"] != "testing")
            return site.connections()["site-source"]

        wait_until(lambda: site.connections()["site-source"]["Status"] != "testing")
        without = site.connections()["site-source"]
        assert (without["Status"], "using password" in without["LastFailureMessage"]) == ("failed", True)
        foreign = test_connection("foreign", FOREIGN, "verify-ca")
        assert foreign["Status"] == "failed"
        assert "SSL connection error" in foreign["LastFailureMessage"]
        assert "certificate verify failed" in foreign["LastFailureMessage"]
        code, message = api.get_error(
            "StartReplicationTask", ReplicationTaskArn=site.task, StartReplicationTaskType="start-replication"
        )
        assert (code, "Test connection" in message) == ("InvalidResourceStateFault", True)
        assert test_connection("own", authority, "verify-ca")["Status"] == "successful"
        # MySQL's own certificate has no host name.
        assert test_connection("named", authority, "verify-full")["Status"] == "failed"
    finally:
        api.dms.close()
