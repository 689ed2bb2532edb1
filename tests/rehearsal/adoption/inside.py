"""What the test of real processes does in its namespaces. Arguments: the archive of Gogs, the folder with nginx.

Gogs of another administrator runs as git (1000) in /home/git/gogs behind nginx with TLS. It is adopted, its writes are
held, and it is released.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from applications.gogs.profile import PROFILE
from cutover_site.adopt.adoption import FRONT, Adoption
from cutover_site.adopt.site_file import Identity
from cutover_site.existing import running
from cutover_site.gogs import timers
from cutover_site.gogs.existing.drift import find_drift
from cutover_site.gogs.ini import load
from cutover_site.gogs.layout import GogsLayout
from cutover_site.layout import Layout
from cutover_site.proxy.hold import Hold
from cutover_site.proxy.modes import ProxyModes
from cutover_site.proxy.runtime import Runtime

from tests.gogs_standin.served.database import MariaDb
from tests.rehearsal.adoption.process_units import ProcessUnits
from tests.unit.site_contract.adopt.machine import FakeMarkers, render_front
from tests.waiting import wait_until

IDENTITY = Identity("forge", "us-east-1", "mi-0123456789abcdef0", ("source-app",))
UNIT, HOST = "forge.service", "git.example.test"
APP_INI = Path("/home/git/gogs/custom/conf/app.ini")
SETTINGS = r"""; mine, edited on Windows
BRAND_NAME = Forge
RUN_USER   = git
RUN_MODE = prod
[server]
DOMAIN = git.example.test
EXTERNAL_URL = https://%(DOMAIN)s/
HTTP_ADDR = 127.0.0.1
HTTP_PORT = 3000
OFFLINE_MODE = true
START_SSH_SERVER = true
SSH_PORT = 2222
[repository]
ROOT = /home/git/gogs-repositories
[database]
TYPE = mysql
HOST = 127.0.0.1:3306
NAME = forge
USER = app
PASSWORD = `app-pass`
[session]
PROVIDER = file
[security]
INSTALL_LOCK = true
SECRET_KEY = key-of-the-forge
[log]
MODE = file
ROOT_PATH = log
"""
SERVICE = """[Service]
User=git
WorkingDirectory=/home/git/gogs
ExecStart=/home/git/gogs/gogs web
Environment=USER=git HOME=/home/git
"""
NGINX = """daemon off;
pid /run/nginx.pid;
error_log /var/log/nginx.err;
events {}
http {
    access_log off;
    server {
        listen 443 ssl;
        server_name git.example.test;
        ssl_certificate /etc/nginx/forge.crt;
        ssl_certificate_key /etc/nginx/forge.key;
        location / {
            proxy_pass http://127.0.0.1:3000;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For 192.0.2.7;
        }
    }
}
"""
WATCHED = ("/etc", "/home/git", "/srv", "/opt/cutover", "/var/lib/cutover")
OWN = ("/home/git/gogs/log", "/home/git/gogs/data/sessions", "/home/git/.gitconfig", "/etc/ld.so.cache")
"""what Gogs itself writes while it runs"""
Listing = dict[str, tuple[int, int, int, int, str]]


def shell(text: str) -> str:
    done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def request(path: str, *options: str) -> str:
    """Return the status of a user's request, by TLS through nginx."""
    words = " ".join(options)
    return shell(
        f"curl -sS -m 30 --cacert /etc/nginx/forge.crt --resolve {HOST}:443:127.0.0.1 {words}"
        f" -o /dev/null -w '%{{http_code}}' https://{HOST}{path}"
    )


def list_everything() -> Listing:
    """Return mode, owner, time and digest of every file, and mode and owner of every folder."""
    found: Listing = {}
    for top in WATCHED:
        for path in sorted(Path(top).rglob("*")) if Path(top).exists() else ():
            if str(path).startswith(OWN):
                continue
            status = path.lstat()
            is_file = path.is_file() and not path.is_symlink()
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if is_file else ""
            modified = status.st_mtime_ns if is_file else 0
            found[str(path)] = (status.st_mode, status.st_uid, status.st_gid, modified, digest)
    return found


def install(archive: str, units: ProcessUnits) -> MariaDb:
    """Install the site as its administrator did."""
    shell(
        "sed -i -e '/^git:/d' -e '/:1000:/d' /etc/passwd /etc/group /etc/shadow /etc/gshadow"
        " && groupadd -g 1000 git"
        " && useradd --create-home --uid 1000 --gid 1000 --shell /bin/bash git"
    )
    shell(f"tar -xzf {archive} -C /home/git && mkdir -p /home/git/gogs/custom/conf")
    APP_INI.write_bytes(SETTINGS.replace("\n", "\r\n").encode())
    APP_INI.chmod(0o600)
    shell("chown -R git:git /home/git && rm -rf /etc/cutover /opt/cutover /srv/gogs /var/lib/cutover")
    Path(f"/etc/systemd/system/{UNIT}").write_text(SERVICE)
    Path("/root/database").mkdir()
    database = MariaDb(Path("/root/database"), 3306)
    database.start()
    database.run(
        "CREATE DATABASE forge CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        "GRANT ALL ON forge.* TO app@'127.0.0.1'",
    )
    units.set_active(UNIT, is_active=True)
    wait_until(
        lambda: "200" in shell("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:3000/healthcheck || true"),
        "Gogs",
        seconds=60,
    )
    shell(
        "cd /home/git/gogs && setpriv --reuid=git --regid=git --init-groups"
        " env USER=git HOME=/home/git ./gogs admin create-user"
        " --name ann --password Ann-pass-w0rd --email ann@example.test --admin"
    )
    return database


def start_nginx(folder: str) -> subprocess.Popen[bytes]:
    Path("/etc/nginx").mkdir(exist_ok=True)
    shell(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN={HOST} -addext subjectAltName=DNS:{HOST}"
        " -keyout /etc/nginx/forge.key -out /etc/nginx/forge.crt"
    )
    Path("/etc/nginx/nginx.conf").write_text(NGINX)
    shell("mkdir -p /var/lib/nginx /var/log/nginx && touch /var/log/nginx.err")
    process = subprocess.Popen([f"{folder}/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf"])
    wait_until(lambda: "443" in shell("ss -ltnH"), "nginx listens")
    return process


def create_repository() -> None:
    """Create ann/forge by the API, through nginx."""
    curl = f"curl -skf --resolve {HOST}:443:127.0.0.1 -H 'Content-Type: application/json'"
    made = shell(f'{curl} -u ann:Ann-pass-w0rd -d \'{{"name":"t"}}\' https://{HOST}/api/v1/users/ann/tokens')
    token = json.loads(made)["sha1"]
    shell(f"{curl} -H 'Authorization: token {token}' -d '{{\"name\":\"forge\"}}' https://{HOST}/api/v1/user/repos")


def push(number: int) -> None:
    """Create a repository and push a branch, by HTTPS through nginx."""
    settings = f"-c http.curloptResolve={HOST}:443:127.0.0.1 -c user.name=a -c user.email=a@b"
    git = f"env GIT_SSL_CAINFO=/etc/nginx/forge.crt git {settings}"
    shell(
        f"cd $(mktemp -d) && {git} init -q . && echo {number} >f && {git} add f && {git} commit -qm {number} &&"
        f" {git} push -q https://ann:Ann-pass-w0rd@{HOST}/ann/forge.git HEAD:refs/heads/b{number}"
    )


def hold_a_write() -> None:
    """A write waits while the proxy is frozen, and a read does not."""
    folder, runtime = Path("/etc/haproxy/cutover"), Runtime(Path("/run/haproxy-master.sock"))
    modes = ProxyModes(folder, runtime)
    Hold(folder, runtime).set_bounds(time.time() + 20, 20)
    modes.switch("frozen")
    command = [
        "curl",
        "-sk",
        "--resolve",
        f"{HOST}:443:127.0.0.1",
        "-d",
        "a=b",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        f"https://{HOST}/user/login",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as waiting:
        time.sleep(1)
        assert waiting.poll() is None, "a write is not held"
        assert request("/explore/repos") == "200"
        modes.switch("open")
        output, _ = waiting.communicate(timeout=20)
    assert output[:1] in (b"2", b"3", b"4"), output


def main(archive: str, nginx_folder: str) -> None:
    # No systemd put the process into a control group with the name of its unit.
    running._find_unit = lambda groups: UNIT if groups else ""
    units = ProcessUnits()
    database = install(archive, units)
    nginx = start_nginx(nginx_folder)
    layout = Layout()
    try:
        # Given a site that serves, with a repository, and what prepare_source.yml installs
        assert request("/healthcheck") == "200"
        create_repository()
        push(1)
        render_front(Path(FRONT))
        shell(
            "mkdir -p /var/lib/cutover /opt/cutover/bin /etc/cutover"
            " && printf '#!/bin/sh\\n' >/opt/cutover/bin/cutover-site"
        )
        before = list_everything()

        # When it is adopted
        adoption = Adoption(layout, PROFILE, units=units, markers=FakeMarkers())
        changes, proposal = adoption.plan(IDENTITY, has_application=True)
        began = time.monotonic()
        adoption.apply(IDENTITY, changes, proposal)
        print(f"adopted in {time.monotonic() - began:.2f} s, {len(changes)} changes")

        # Then users reach Gogs through nginx and the proxy, which has the former addresses of Gogs
        assert request("/healthcheck") == "200"
        listening = shell("ss -ltnpH")
        for port, program in (
            (":3000", "haproxy"),
            (":2222", "haproxy"),
            ("127.0.0.1:3001", "gogs"),
            ("127.0.0.1:2223", ""),
        ):
            assert any(port in line and program in line for line in listening.splitlines()), (port, listening)
        assert (
            b"SSH-2.0"
            in subprocess.run(
                ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/2222; head -c 7 <&3"], capture_output=True, check=True
            ).stdout
        )
        push(2)
        assert Path("/srv/gogs/repositories/ann/forge.git").samefile("/home/git/gogs-repositories/ann/forge.git")
        assert find_drift(layout) == []
        hold_a_write()

        # And the timers of Gogs can be switched off and on, and app.ini is the same
        adopted = APP_INI.read_bytes()
        here = GogsLayout.extend(layout)
        timers.switch_background(here, on=False)
        assert load(APP_INI).get("cron", "ENABLED") == "false"
        units.set_active(UNIT, is_active=False)
        units.set_active(UNIT, is_active=True)
        wait_until(lambda: request("/healthcheck") == "200", "Gogs without its timers", seconds=30)
        timers.switch_background(here, on=True)
        assert APP_INI.read_bytes() == adopted

        # And a release leaves everything as it was
        assert Adoption(layout, PROFILE, units=units, markers=FakeMarkers()).release() == {"changed": True, "kept": []}
        wait_until(lambda: request("/healthcheck") == "200", "Gogs after the release", seconds=30)
        after = list_everything()
        data = "/home/git/gogs-repositories"
        assert {path: one for path, one in after.items() if not path.startswith(data)} == {
            path: one for path, one in before.items() if not path.startswith(data)
        }, sorted(set(after.items()) ^ set(before.items()))
        assert not units.read("haproxy.service").is_active
        assert units.enabled == set()
        push(3)
    except BaseException:
        print(*(f"{path}:\n{path.read_text()[-1500:]}" for path in Path("/var/log").glob("*.out")), sep="\n")
        print(shell("ss -ltnp"))
        raise
    finally:
        nginx.terminate()
        nginx.wait()
        units.stop_all()
        database.stop()


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C.UTF-8"
    main(*sys.argv[1:])
