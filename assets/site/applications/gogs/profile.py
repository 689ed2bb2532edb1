"""The profile of Gogs 0.14. Comments name the place in the source of Gogs where a fact matters."""

from __future__ import annotations

from applications.gogs.proxy import PROXY
from applications.profile import (
    HTTP,
    TCP,
    Check,
    Database,
    Files,
    Health,
    Image,
    Logs,
    Owner,
    Port,
    Profile,
    Program,
    Release,
    Repositories,
    SiteSecret,
)

PROFILE = Profile(
    name="gogs",
    title="Gogs",
    release=Release(
        pattern=r"0\.14\.\d+",
        expected="a release of Gogs 0.14, such as 0.14.3; update an older server before it is migrated",
    ),
    units=("gogs.service",),
    # Above the numbers that distributions give to system users: Ubuntu uses 990.
    owner=Owner(user="git", uid=2990, home="var/lib/gogs"),
    database=Database(
        schemas=("gogs",),
        user="gogs",
        # A started copy would otherwise send every waiting webhook and fetch every mirror that is due.
        silence=(
            "UPDATE {gogs}.webhook SET is_active = 0",
            "UPDATE {gogs}.hook_task SET is_delivered = 1 WHERE is_delivered = 0",
            "UPDATE {gogs}.mirror SET next_update_unix = 32503680000",
        ),
    ),
    files=Files(
        root="srv/gogs",
        folders=(
            "repositories", "data", "data/attachments", "data/avatars", "data/repo-avatars", "data/lfs-objects", "data/lfs-incoming",
            "data/uploads", "data/sessions",
        ),
        groups=("data/attachments", "data/avatars", "data/repo-avatars", "data/lfs-objects", "data/ssh"),
        required="repositories",
        per_instance=("data/lfs-incoming", "data/uploads"),
        sessions="data/sessions",
        repositories=Repositories(
            folder="repositories",
            caches=("archives",),
            # Small files of equal length before and after a change. rsync compares size and whole seconds: of a branch that moves twice
            # within a second it would keep the first commit.
            rewritten=("HEAD", "packed-refs", "config", "description", "refs/***", "hooks/***", "custom_hooks/***"),
        ),
    ),
    ports=(
        Port(name="http", number=80, protocol=HTTP, upstream=3000, description="HTTP", construct_id="Http"),
        Port(
            name="ssh", number=2222, protocol=TCP, upstream=2223, description="Git over SSH", construct_id="GitSsh",
            remark="no login shell behind it",
        ),
    ),
    # The status is 200 even without a database (seen up to 0.14.3).
    health=Health(path="/healthcheck", expected="Database connection: OK", detail=r"Database connection: (.*)"),
    proxy=PROXY,
    program=Program(
        root="opt/gogs",
        opened=("", "custom", "custom/conf"),
        left_out=("data", "log", "custom/conf/*app.ini*"),
        # Files of .ssh that hold no secret by their format (sshd(8), ssh-keygen(1)); the rest of the home is in the site's secret.
        files=("var/lib/gogs/.ssh/known_hosts", "var/lib/gogs/.ssh/known_hosts2", "var/lib/gogs/.ssh/*.pub"),
    ),
    # app_ini: the source's app.ini but for what the tool writes; it may name passwords (mail, logins). git_home: `gogs.home`.
    secret=SiteSecret(
        key="SECRET_KEY",
        names=(("admin_username", "site-admin"), ("acceptance_username", "cutover-acceptance")),
        passwords=("admin_password", "acceptance_password"),
        inherited=("app_ini", "git_home"),
    ),
    image=Image(
        emptied=("run/gogs",),
        secrets=("var/lib/cutover/app.ini-before-freeze", "opt/gogs/custom/conf/*app.ini*", "run/gogs/app.ini", "var/lib/gogs/sessions/**/*", "srv/gogs/data/sessions/**/*", "srv/gogs/data/ssh/*"),
    ),
    logs=Logs(folder="var/lib/gogs/log", sensitive=("i_like_gogs",), headers=("x-gogs-signature",)),
    playbook="gogs.yml",
    tool="cutover_site.gogs.application",
    checks=(
        Check(
            "hooks", "the hooks of its repositories",
            "give each of them a folder `hooks` of its own, run `gogs admin resync-hooks --config=/opt/gogs/custom/conf/app.ini` as git,"
            " which writes the hooks but makes none executable, then chmod 755 them",
        ),
        Check("identity", "its settings for sign-in by a header"),
        Check("home", "the files in the home of the user git"),
        Check("places", "the places of its settings and data", "move it back, or release the source and adopt it again"),
    ),
    required_checks=("health", "login", "token", "api"),
    demo="demo_content",
    existing="cutover_site.gogs.existing.checks",
)  # fmt: skip
