"""Forms of app.ini that sites of 0.9 to 0.14 have, and what the inventory must read of each. `{root}` stands for the server's root.

Each is made after public app.ini files, installation guides and configuration scripts. Each path of an expectation is as Gogs resolves it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HOME = "{root}/home/git"
WORK = f"{HOME}/gogs"


@dataclass(frozen=True)
class Shape:
    """`read`: members of the inventory's facts, with a dot for a member of a member."""

    text: str
    read: dict[str, Any]
    end: str = "\n"
    environment: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    file: str = "home/git/gogs/custom/conf/app.ini"


SHAPES = {
    "0.9 behind nginx with a sub-path": Shape(
        """\
APP_NAME = Team Forge
RUN_USER = git
; the front has the certificate
[server]
DOMAIN = code.example.test
ROOT_URL = https://%(DOMAIN)s/git/
HTTP_ADDR = 127.0.0.1
HTTP_PORT = 6000
SSH_PORT = 22
[database]
DB_TYPE = mysql
HOST = 127.0.0.1:3306
NAME = forge
USER = forge
PASSWD = `p;#w`
SSL_MODE = disable
[repository]
ROOT = {root}/home/git/gogs-repositories
""",
        {
            "http.url": "https://code.example.test/git/", "http.sub_path": "/git", "http.host": "code.example.test", "http.port": 6000,
            "http.address": "127.0.0.1", "ssh.mode": "OpenSSH", "ssh.port": 22, "ssh.domain": "code.example.test",
            "ssh.authorized_keys": f"{HOME}/.ssh/authorized_keys", "database.kind": "mysql", "database.schema": "forge", "database.user": "forge",
            "data.repositories": f"{HOME}/gogs-repositories", "data.attachments": f"{WORK}/data/attachments", "data.SSH server's keys": f"{WORK}/data/ssh",
        },
    ),
    "0.11 at a Unix socket": Shape(
        """\
APP_NAME = Forge
[server]
PROTOCOL = unix
HTTP_ADDR = /run/gogs/http.sock
ROOT_URL = https://git.example.test/
UNIX_SOCKET_PERMISSION = 660
START_SSH_SERVER = false
""",
        {"http.protocol": "unix", "http.socket": "/run/gogs/http.sock", "http.port": 0, "http.address": "", "database.kind": "mysql"},
    ),
    "a Unix socket relative to the working directory": Shape(
        "[server]\nPROTOCOL = unix\nHTTP_ADDR = run/web.sock\nROOT_URL = http://git.example.test/\n",
        {"http.socket": f"{WORK}/run/web.sock"},
    ),
    "0.11 edited on Windows": Shape(
        """\
APP_NAME = Forge
; comment at the start; with a semicolon inside
[database]
DB_TYPE  = mysql
HOST     = /var/lib/mysql/mysql.sock
NAME     = gogs
USER     = root
PASSWD   =
[repository]
ROOT     = /data/git/repositories
[server]
ROOT_URL = http://git.example.test:8080/
HTTP_PORT= 8080
""",
        {
            "database.socket": "/var/lib/mysql/mysql.sock", "database.host": "", "database.port": 0, "database.user": "root",
            "data.repositories": "/data/git/repositories", "http.port": 8080, "http.url": "http://git.example.test:8080/",
        },
        end="\r\n",
    ),
    "0.12 with the built-in SSH server at a port of its own": Shape(
        """\
BRAND_NAME = Forge
[server]
EXTERNAL_URL = https://git.example.test/
DOMAIN = git.example.test
START_SSH_SERVER = true
SSH_DOMAIN = ssh.example.test
SSH_PORT = 22
SSH_LISTEN_HOST = 10.0.0.7
SSH_LISTEN_PORT = 2200
APP_DATA_PATH = /var/opt/gogs
[database]
TYPE = mysql
HOST = db.example.test
[mailer]
ENABLED = false
""",
        {
            "ssh.mode": "built in", "ssh.domain": "ssh.example.test", "ssh.port": 22, "ssh.listen_port": 2200, "ssh.listen_address": "10.0.0.7",
            "ssh.authorized_keys": "", "data.SSH server's keys": "/var/opt/gogs/ssh", "data.attachments": f"{WORK}/data/attachments",
            "database.host": "db.example.test", "database.port": 3306,
        },
    ),
    "the built-in SSH server listens at the port of the clone addresses": Shape(
        "[server]\nSTART_SSH_SERVER = true\nSSH_PORT = 2222\n", {"ssh.listen_port": 2222, "ssh.listen_address": "0.0.0.0"}
    ),
    "SSH switched off": Shape("[server]\nDISABLE_SSH = true\nSTART_SSH_SERVER = true\n", {"ssh.mode": "disabled", "ssh.listen_port": 0}),
    "0.13 with every kind of data on a disk of its own": Shape(
        """\
[repository]
ROOT = /mnt/git/repositories
[attachment]
PATH = /mnt/files/attachments
[picture]
AVATAR_UPLOAD_PATH = /mnt/files/avatars
REPOSITORY_AVATAR_UPLOAD_PATH = /mnt/files/repo-avatars
[lfs]
STORAGE = local
OBJECTS_PATH = /mnt/lfs/objects
OBJECTS_TEMP_PATH = /mnt/lfs/incoming
[database]
TYPE = mysql
NAME = gogs?tls=skip-verify
""",
        {
            "data.repositories": "/mnt/git/repositories", "data.attachments": "/mnt/files/attachments", "data.avatars": "/mnt/files/avatars",
            "data.repository avatars": "/mnt/files/repo-avatars", "data.LFS objects": "/mnt/lfs/objects", "database.schema": "gogs", "database.has_tls": True,
        },
    ),
    "relative paths that lead out of the work directory": Shape(
        "[repository]\nROOT = ../repositories\n[lfs]\nOBJECTS_PATH = ./objects/../lfs\n[attachment]\nPATH = files\n",
        {"data.repositories": f"{HOME}/repositories", "data.LFS objects": f"{WORK}/lfs", "data.attachments": f"{WORK}/files"},
    ),
    "empty values of an old release are the defaults": Shape(
        "APP_NAME = F\n[repository]\nROOT =\n[attachment]\nPATH =\n[server]\nHTTP_ADDR =\n[database]\nHOST =\n",
        {"data.repositories": f"{HOME}/gogs-repositories", "data.attachments": f"{WORK}/data/attachments", "http.address": "0.0.0.0", "database.host": "127.0.0.1"},
    ),
    "an empty path of 0.14 is the work directory": Shape("[attachment]\nPATH =\n[repository]\nROOT =\n", {"data.attachments": WORK, "data.repositories": f"{HOME}/gogs-repositories"}),
    "0.14 with its address from the environment": Shape(
        """\
[database]
TYPE = mysql
HOST = ${GOGS_DB_HOST}:$GOGS_DB_PORT
USER = ${GOGS_DB_USER}
[server]
EXTERNAL_URL = https://${SITE}/
""",
        {"database.host": "10.1.2.3", "database.port": 3307, "database.user": "forge", "http.url": "https://git.example.test/", "http.host": "git.example.test"},
        environment={"GOGS_DB_HOST": "10.1.2.3", "GOGS_DB_PORT": "3307", "GOGS_DB_USER": "forge", "SITE": "git.example.test"},
    ),
    "a dollar of a release that expanded nothing": Shape("[server]\nROOT_URL = http://git.example.test/$HOME/\n", {"http.sub_path": "/$HOME"}),
    "new names without a type are PostgreSQL": Shape("BRAND_NAME = F\n[database]\nHOST = db:5432\n", {"database.kind": "postgres", "database.host": "", "database.user": "gogs"}),
    "SQLite": Shape("[database]\nDB_TYPE = sqlite3\nPATH = data/gogs.db\n", {"database.kind": "sqlite3", "database.user": "root"}),
    "the default address": Shape("[server]\nDOMAIN = git.example.test\n", {"http.url": "http://git.example.test:3000/", "http.port": 3000, "http.sub_path": ""}),
    "a literal IPv6 address of the database": Shape("[database]\nTYPE = mysql\nHOST = [fd00::5]:3310\n", {"database.host": "fd00::5", "database.port": 3310}),
    "a literal IPv6 address without a port": Shape("[database]\nTYPE = mysql\nHOST = [fd00::5]\n", {"database.host": "fd00::5", "database.port": 3306}),
    "a custom directory elsewhere": Shape(
        "[session]\nPROVIDER = file\nPROVIDER_CONFIG = data/sessions\n[cache]\nADAPTER = redis\n",
        {"app_ini": "{root}/data/gogs/conf/app.ini", "custom_folder": "{root}/data/gogs", "work_folder": WORK, "sessions.folder": f"{WORK}/data/sessions", "cache": "redis"},
        environment={"GOGS_CUSTOM": "{root}/data/gogs"}, file="data/gogs/conf/app.ini",
    ),
    "app.ini named on the command line": Shape(
        "RUN_USER = git\n[lfs]\nOBJECTS_PATH = data/lfs\n",
        {"app_ini": "{root}/etc/gogs/app.ini", "custom_folder": f"{WORK}/custom", "data.LFS objects": f"{WORK}/data/lfs"},
        arguments=("--config", "../../../etc/gogs/app.ini"), file="etc/gogs/app.ini",
    ),
    "a work directory from the environment": Shape(
        "[attachment]\nPATH = files\n",
        {"work_folder": "{root}/var/lib/gogs", "data.attachments": "{root}/var/lib/gogs/files", "app_ini": "{root}/var/lib/gogs/custom/conf/app.ini"},
        environment={"GOGS_WORK_DIR": "{root}/var/lib/gogs"}, file="var/lib/gogs/custom/conf/app.ini",
    ),
}  # fmt: skip
