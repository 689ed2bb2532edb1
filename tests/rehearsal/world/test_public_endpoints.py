"""AWS's own host names, called by a machine: it trusts the certificate, and its security group and route decide."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from rehearsal.world import Answer, Interface, Permission, Route, Rules, SecurityGroup
from tests.rehearsal.world.lab import Lab

pytestmark = pytest.mark.rehearsal

HOST = "mgn.us-east-1.amazonaws.com"
INTERNET = Route("0.0.0.0/0", "internet")
HTTPS = Permission("tcp", 443, 443, cidr="0.0.0.0/0")


class Api(BaseHTTPRequestHandler):
    """Returns the host name that it was called by."""

    def do_GET(self) -> None:
        body = self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""


@pytest.fixture(scope="module")
def published(lab: Lab) -> Iterator[Lab]:
    """Serve an API in the place of the local AWS, and let the world's resolver know its name."""
    server = ThreadingHTTPServer(("127.0.0.1", lab.world.settings.aws_port), Api)
    Thread(target=server.serve_forever, daemon=True).start()
    lab.aws.names[HOST] = [Answer("A", [lab.world.publish([HOST])])]
    yield lab
    server.shutdown()
    server.server_close()


def call(lab: Lab, machine: str, *egress: Permission, routes: tuple[Route, ...] = (INTERNET,)) -> str:
    """Call the API from a machine with these rules. Return what it received, or the exit code of curl."""
    place = Interface(machine, "10.0.9.5", "vpc", ("sg-m",), routes, "54.0.0.7")
    lab.world.network.apply(Rules((place,), (SecurityGroup("sg-m", egress=egress),)))
    done = lab.run_script(machine, f"curl -sS --max-time 3 https://{HOST}/ || echo exit $?")
    return done.stdout.strip()


def test_a_machine_trusts_the_certificate_and_reaches_the_api(published: Lab, machine: str) -> None:
    assert call(published, machine, HTTPS) == HOST


def test_a_security_group_without_https_keeps_the_machine_out(published: Lab, machine: str) -> None:
    assert call(published, machine, Permission("tcp", 80, 80, cidr="0.0.0.0/0")) == "exit 28"


def test_a_subnet_without_a_route_to_the_internet_keeps_the_machine_out(published: Lab, machine: str) -> None:
    assert call(published, machine, HTTPS, routes=()) == "exit 28"
