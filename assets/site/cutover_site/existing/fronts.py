"""Find the proxies on this machine whose settings send requests to the application: nginx, Apache, Caddy, HAProxy, lighttpd, Traefik."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cutover_site.existing.host import Host

FILES = {
    "nginx": ("etc/nginx/nginx.conf", "etc/nginx/conf.d/*.conf", "etc/nginx/sites-enabled/*", "usr/local/nginx/conf/*.conf"),
    "apache2": ("etc/apache2/sites-enabled/*", "etc/apache2/conf-enabled/*", "etc/httpd/conf/*.conf", "etc/httpd/conf.d/*.conf"),
    "caddy": ("etc/caddy/Caddyfile", "etc/caddy/*.caddy", "etc/caddy/**/*.conf"),
    "haproxy": ("etc/haproxy/haproxy.cfg", "etc/haproxy/conf.d/*.cfg"),
    "lighttpd": ("etc/lighttpd/lighttpd.conf", "etc/lighttpd/conf-enabled/*"),
    "traefik": ("etc/traefik/*.toml", "etc/traefik/*.y*ml", "etc/traefik/**/*.toml", "etc/traefik/**/*.y*ml"),
}  # fmt: skip
MAX_BYTES = 2**20
_KEY_FILE = re.compile(
    r"(?:ssl_certificate_key|SSLCertificateKeyFile|ssl\s+crt|keyFile\s*[:=]|tls\s+\S+)\s+[\"']?(/[^\s\"';]+)",
    re.IGNORECASE,
)
"""the private key in settings of nginx, Apache, HAProxy, Traefik and Caddy"""
LOCAL = ("127.0.0.1", "localhost", "[::1]", "0.0.0.0")


@dataclass(frozen=True)
class Front:
    """A line of a proxy's settings that names the application's address."""

    program: str
    file: str
    line: int
    has_tls: bool
    """whether the same file names a certificate"""

    def __str__(self) -> str:
        """Return program and place, for messages."""
        return f"{self.program} ({self.file} line {self.line}{', with TLS' if self.has_tls else ''})"


def find_fronts(host: Host, *, port: int = 0, socket: str = "", names: tuple[str, ...] = ()) -> list[Front]:
    """Return the places at which a proxy names this port or Unix socket of the machine. `names`: more addresses of the machine."""
    wanted = _build_pattern(port, socket, (*LOCAL, *names))
    return [front for program, patterns in FILES.items() for front in _search_files(host, program, patterns, wanted)]


def find_key_files(host: Host) -> list[str]:
    """Return the files with private keys that the settings of proxies name, and where links lead to. No image may contain one."""
    files = {file for patterns in FILES.values() for pattern in patterns for file in host.root.glob(pattern)}
    named = {
        found
        for file in sorted(files)
        if file.is_file()
        for line in _read_lines(file)
        for found in _KEY_FILE.findall(_strip_comment(line))
    }
    present = [host.find(path) for path in sorted(named) if host.find(path).is_file()]
    return sorted({host.strip(path) for file in present for path in (file, file.resolve())})


def _build_pattern(port: int, socket: str, names: tuple[str, ...]) -> re.Pattern[str]:
    if socket:
        return re.compile(re.escape(socket) + r"(?![\w./-])")
    hosts = "|".join(re.escape(name) for name in names if name)
    return re.compile(rf"(?<![\w.-])(?:{hosts}):{port}(?!\d)")


def _search_files(host: Host, program: str, patterns: tuple[str, ...], wanted: re.Pattern[str]) -> Iterator[Front]:
    seen: set[Path] = set()
    for pattern in patterns:
        for file in sorted(host.root.glob(pattern)):
            if file in seen or not file.is_file():
                continue
            seen.add(file)
            lines = _read_lines(file)
            for number, line in enumerate(lines, 1):
                if wanted.search(_strip_comment(line)):
                    yield Front(program, f"/{file.relative_to(host.root)}", number, _has_certificate(lines))


def _read_lines(file: Path) -> list[str]:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES).decode(errors="replace").splitlines()
    except OSError:
        return []


def _strip_comment(line: str) -> str:
    return re.split(r"(?:^|\s)#", line, maxsplit=1)[0]


def _has_certificate(lines: list[str]) -> bool:
    text = "\n".join(_strip_comment(line) for line in lines)
    return bool(
        re.search(r"ssl_certificate\s|SSLCertificateFile\s|ssl\s+crt\s|ssl\.pemfile|\btls\b", text, re.IGNORECASE)
    )
