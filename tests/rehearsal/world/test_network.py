"""Security groups, routes and public addresses, tested by real connections."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from rehearsal.world import CLIENT, CLIENT_IP, Answer, Interface, Permission, Route, Rules, SecurityGroup
from tests.rehearsal.world.lab import Lab

pytestmark = pytest.mark.rehearsal

ANYWHERE = "0.0.0.0/0"
OUT = (Permission("-1", cidr=ANYWHERE),)
INTERNET = Route(ANYWHERE, "internet")
TO_SOURCE, TO_TARGET = Route("10.10.0.0/16", "peering", peer="vpc-s"), Route("10.0.0.0/16", "peering", peer="vpc-t")
SOURCE, TARGET, OTHER = ("e-source", "10.10.0.5"), ("e-target", "10.0.0.5"), ("e-other", "10.0.1.5")
PUBLIC = "54.0.0.5"
ECHO = """
import socketserver
class Handler(socketserver.BaseRequestHandler):
    def handle(self): self.request.sendall(self.client_address[0].encode())
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("", 80), Handler).serve_forever()
"""
CONNECT = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], 80), timeout=1) as connection: print(connection.recv(99).decode())
except TimeoutError: print("dropped")
except OSError as error: print(error.strerror)
"""


@pytest.fixture(scope="module")
def network(lab: Lab) -> Iterator[Lab]:
    """Create three endpoints that return the address of each client of port 80."""
    servers = []
    for name, ip in (SOURCE, TARGET, OTHER):
        lab.world.attach(name, ip)
        servers.append(lab.world.network.start_process(name, ["python3", "-c", ECHO]))
        ready = "until ss -Hltn 'sport = 80' | grep -q :80; do sleep .05; done"
        lab.world.run_in(name, "bash", "-c", ready)
    yield lab
    for server in servers:
        server.kill()
        server.wait()
    for name, _ in (SOURCE, TARGET, OTHER):
        lab.world.detach(name)


def connect(lab: Lab, sender: str, address: str) -> str:
    """Connect and return the sender's address as the other side sees it, or the reason without a connection."""
    return lab.world.run_in(sender, "python3", "-c", CONNECT, address).stdout.decode().strip()


def apply(lab: Lab, *permissions: Permission, source: tuple[Route, ...] = (), target: tuple[Route, ...] = ()) -> None:
    """Apply these ingress rules to the target's group. Every egress is allowed."""
    lab.world.network.apply(
        Rules(
            (
                Interface(*SOURCE, "vpc-s", ("sg-source",), source),
                Interface(*TARGET, "vpc-t", ("sg-target",), target, PUBLIC),
                Interface(*OTHER, "vpc-t", ("sg-other",)),
            ),
            (
                SecurityGroup("sg-source", egress=OUT),
                SecurityGroup("sg-target", ingress=permissions, egress=OUT),
                SecurityGroup("sg-other", egress=OUT),
            ),
        )
    )


def test_no_connection_passes_without_a_rule(network: Lab) -> None:
    apply(network)
    assert connect(network, OTHER[0], TARGET[1]) == "dropped"
    refused = network.world.network.list_dropped()
    assert {"source": OTHER[1], "destination": TARGET[1], "protocol": "tcp", "port": "80"} in refused


def test_a_rule_for_a_group_allows_only_its_members(network: Lab) -> None:
    apply(network, Permission("tcp", 80, 80, group="sg-other"), source=(TO_TARGET,), target=(TO_SOURCE,))
    assert connect(network, OTHER[0], TARGET[1]) == OTHER[1]
    assert connect(network, SOURCE[0], TARGET[1]) == "dropped"


def test_a_rule_for_another_port_allows_no_connection(network: Lab) -> None:
    apply(network, Permission("tcp", 81, 65535, cidr=ANYWHERE))
    assert connect(network, OTHER[0], TARGET[1]) == "dropped"


def test_peered_vpcs_connect_only_when_both_have_routes(network: Lab) -> None:
    let_in = Permission("tcp", 80, 80, cidr="10.10.0.0/16")
    apply(network, let_in)
    assert connect(network, SOURCE[0], TARGET[1]) == "dropped"
    apply(network, let_in, source=(TO_TARGET,))
    assert connect(network, SOURCE[0], TARGET[1]) == "dropped"
    apply(network, let_in, source=(TO_TARGET,), target=(TO_SOURCE,))
    assert connect(network, SOURCE[0], TARGET[1]) == SOURCE[1]


def test_egress_rules_are_enforced(network: Lab) -> None:
    network.world.network.apply(
        Rules(
            (Interface(*OTHER, "vpc-t", ("sg-mute",)), Interface(*TARGET, "vpc-t", ("sg-open",))),
            (SecurityGroup("sg-mute"), SecurityGroup("sg-open", ingress=(Permission("-1", cidr=ANYWHERE),))),
        )
    )
    assert connect(network, OTHER[0], TARGET[1]) == "dropped"


def test_only_public_addresses_are_reachable_from_the_internet(network: Lab) -> None:
    apply(network, Permission("tcp", 80, 80, cidr=ANYWHERE), target=(INTERNET,))
    assert connect(network, CLIENT, PUBLIC) == CLIENT_IP
    assert connect(network, CLIENT, TARGET[1]) == "dropped"


def test_a_public_address_without_a_route_to_the_internet_is_unreachable(network: Lab) -> None:
    apply(network, Permission("tcp", 80, 80, cidr=ANYWHERE))
    assert connect(network, CLIENT, PUBLIC) == "dropped"


def test_connections_to_a_public_address_come_from_the_nat_gateway(network: Lab) -> None:
    """Given a private sender behind NAT, when it uses a public address, then rules see the gateway and not its
    group.
    """
    nat = Route(ANYWHERE, "nat", public_ip="54.0.0.99")
    apply(network, Permission("tcp", 80, 80, group="sg-source"), source=(nat,), target=(INTERNET,))
    assert connect(network, SOURCE[0], PUBLIC) == "dropped"
    apply(network, Permission("tcp", 80, 80, cidr="54.0.0.99/32"), source=(nat,), target=(INTERNET,))
    assert connect(network, SOURCE[0], PUBLIC) == "54.0.0.99"


def test_an_open_connection_survives_the_removal_of_its_rule(network: Lab) -> None:
    """Connections are tracked, as on AWS."""
    apply(network, Permission("tcp", 80, 80, group="sg-other"))
    script = (
        "import socket, sys; c = socket.create_connection((sys.argv[1], 8080)); print('open', flush=True);"
        " sys.stdin.readline(); c.sendall(b'x'); print(c.recv(1).decode(), flush=True)"
    )
    echo = (
        "import socket; s = socket.create_server(('', 8080)); print('up', flush=True); c, _ = s.accept();"
        " c.sendall(c.recv(1))"
    )
    apply(network, Permission("tcp", 8080, 8080, group="sg-other"))
    prefix = network.world.network.build_prefix
    with (
        subprocess.Popen([*prefix(TARGET[0]), "python3", "-c", echo], stdout=subprocess.PIPE) as server,
    ):
        assert server.stdout is not None
        assert server.stdout.readline() == b"up\n"
        words = [*prefix(OTHER[0]), "python3", "-c", script, TARGET[1]]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
            assert client.stdout is not None
            assert client.stdin is not None
            assert client.stdout.readline() == b"open\n"
            apply(network)
            client.stdin.write(b"go\n")
            client.stdin.flush()
            assert client.stdout.readline() == b"x\n"
    assert connect(network, OTHER[0], TARGET[1]) == "dropped"


def test_names_resolve_as_the_provider_defines(network: Lab) -> None:
    network.aws.names["git.example.com"] = [Answer("CNAME", ["lb.example.net"]), Answer("A", [PUBLIC])]
    done = network.world.run_in(CLIENT, "getent", "ahostsv4", "git.example.com")
    assert done.stdout.split()[0].decode() == PUBLIC
    assert network.world.run_in(CLIENT, "getent", "hosts", "nowhere.example.com").returncode == 2


def test_the_mirror_is_reachable_from_inside_and_serves_only_its_folder(network: Lab) -> None:
    (network.world.settings.downloads / "hello").write_text("hello")
    url = f"{network.world.settings.mirror_url}/downloads/hello"
    assert network.world.run_in(OTHER[0], "curl", "-s", url).stdout == b"hello"
    climb = f"{network.world.settings.mirror_url}/downloads/..%2fstate%2fempty"
    assert network.world.run_in(OTHER[0], "curl", "-s", "-w", "%{http_code}", "-o", "/dev/null", climb).stdout == b"404"


def test_an_exposed_port_connects_to_the_inside(network: Lab) -> None:
    apply(network, Permission("tcp", 80, 80, cidr=f"{CLIENT_IP}/32"), target=(INTERNET,))
    port = network.world.settings.site_port
    network.world.expose(port, CLIENT, lambda: (PUBLIC, 80))
    done = subprocess.run(
        ["python3", "-c", CONNECT.replace(" 80)", f" {port})").replace("1], 80", f"1], {port}"), "127.0.0.1"],
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == CLIENT_IP


def test_a_detached_name_can_be_attached_again_immediately(network: Lab) -> None:
    for _ in range(20):
        network.world.attach("again", "10.0.9.200")
        network.world.detach("again")
