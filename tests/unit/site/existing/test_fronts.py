"""Who listens at the ports of an existing server, and which proxy hands requests to its application."""

from __future__ import annotations

import pytest
from cutover_site.existing.fronts import find_fronts
from cutover_site.existing.listeners import find_listeners, select_port

from tests.unit.site.existing.server import Server

ANY, LOOPBACK = "00000000", "0100007F"
NGINX = """\
server {
    listen 443 ssl;
    ssl_certificate /etc/ssl/forge.pem;
    # proxy_pass http://127.0.0.1:3000;
    location / { proxy_pass http://127.0.0.1:3000/; }
}
"""


def test_the_program_behind_each_port_is_named_with_its_unit(server: Server) -> None:
    # Given nginx at 443, whose workers share its socket, and Gogs on the loopback interface
    server.listen((ANY, 443), (LOOPBACK, 3000))
    server.start(10, "/usr/sbin/nginx", group="0::/system.slice/nginx.service", sockets=(1001,))
    server.start(11, "/usr/sbin/nginx", group="0::/system.slice/nginx.service", sockets=(1001,))
    server.start(77, "{root}/home/git/gogs/gogs", "web", sockets=(1002, 5))

    found = find_listeners(server.host)

    assert [(one.address, one.port, one.program, one.pid) for one in found] == [
        ("0.0.0.0", 443, "nginx", 10),
        ("127.0.0.1", 3000, "gogs", 77),
    ]
    assert str(select_port(found, 443)[0]) == "nginx (nginx.service)"
    assert select_port(found, 80) == []


def test_ports_of_ipv6_and_unix_sockets_count(server: Server) -> None:
    row = "  0: 00000000000000000000000001000000:0BB8 0:0 0A 0:0 0:0 0 0 0 7 1"
    server.write("proc/net/tcp6", f"head\n{row}\n")
    lines = "ffff: 2 0 10000 1 1 8 /run/gogs/http.sock\nffff: 2 0 0 1 3 9 /run/gogs/http.sock\nffff: 2 0 10000 1 1 3 @abstract\n"
    server.write("proc/net/unix", f"Num RefCount Protocol Flags Type St Inode Path\n{lines}")
    assert [(one.address, one.port) for one in find_listeners(server.host)] == [
        ("/run/gogs/http.sock", 0),
        ("::1", 3000),
    ]


def test_a_program_that_a_person_started_has_no_unit(server: Server) -> None:
    server.listen((ANY, 3000))
    server.start(
        77, "/home/git/gogs", "web", group="0::/user.slice/user@1000.service/app.slice/x.scope", sockets=(1001,)
    )
    assert str(find_listeners(server.host)[0]) == "gogs"


def test_a_program_that_cannot_be_read_is_no_reason_to_fail(server: Server) -> None:
    server.listen((ANY, 80))
    assert str(find_listeners(server.host)[0]) == "a program that cannot be read"


@pytest.mark.parametrize(
    ("file", "text", "program", "line", "has_tls"),
    [
        ("etc/nginx/sites-enabled/forge", NGINX, "nginx", 5, True),
        ("etc/nginx/conf.d/forge.conf", "upstream gogs {\n  server localhost:3000;\n}\n", "nginx", 2, False),
        ("etc/apache2/sites-enabled/forge.conf", "SSLCertificateFile /x\nProxyPass /git http://localhost:3000\n", "apache2", 2, True),
        ("etc/httpd/conf.d/forge.conf", "ProxyPass / http://[::1]:3000/\n", "apache2", 1, False),
        ("etc/caddy/Caddyfile", "git.example.test {\n  reverse_proxy 127.0.0.1:3000\n}\n", "caddy", 2, False),
        ("etc/haproxy/haproxy.cfg", "bind :443 ssl crt /x\nserver g 127.0.0.1:3000\n", "haproxy", 2, True),
        ("etc/traefik/dynamic/forge.yml", "servers:\n- url: http://127.0.0.1:3000\n", "traefik", 2, False),
    ],
)  # fmt: skip
def test_a_proxy_in_front_is_found_by_its_settings(
    server: Server, file: str, text: str, program: str, line: int, has_tls: bool
) -> None:
    server.write(file, text)
    (front,) = find_fronts(server.host, port=3000)
    assert (front.program, front.file, front.line, front.has_tls) == (program, f"/{file}", line, has_tls)


@pytest.mark.parametrize(
    "text",
    ["proxy_pass http://127.0.0.1:30001;", "proxy_pass http://10.0.0.9:3000;", "# proxy_pass http://127.0.0.1:3000;"],
)
def test_a_proxy_of_something_else_is_no_front(server: Server, text: str) -> None:
    server.write("etc/nginx/conf.d/other.conf", f"{text}\n")
    assert find_fronts(server.host, port=3000) == []


def test_a_front_at_a_unix_socket_is_found(server: Server) -> None:
    server.write("etc/nginx/conf.d/a.conf", "proxy_pass http://unix:/run/gogs/http.sock:/;\n")
    server.write("etc/nginx/conf.d/b.conf", "proxy_pass http://unix:/run/gogs/http.sock2;\n")
    assert [front.file for front in find_fronts(server.host, socket="/run/gogs/http.sock")] == [
        "/etc/nginx/conf.d/a.conf"
    ]


def test_an_address_of_the_machine_counts(server: Server) -> None:
    server.write("etc/nginx/conf.d/a.conf", "proxy_pass http://10.0.0.7:3000;\n")
    assert find_fronts(server.host, port=3000, names=("10.0.0.7",))
