"""The profile: no SSH, two schemas, one data root without repositories, and another health page."""

from __future__ import annotations

from applications.profile import (
    HTTP,
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
    Proxy,
    Release,
    SiteSecret,
)

PROFILE = Profile(
    name="tiny",
    title="Tiny",
    release=Release(pattern=r"2\.\d+", expected="a release of Tiny 2, such as 2.1"),
    units=("tiny.service", "tiny-worker.service"),
    owner=Owner(user="tiny", uid=3100, home="var/lib/tiny"),
    database=Database(
        schemas=("tiny_content", "tiny_users"),
        user="tiny",
        silence=("UPDATE {tiny_users}.mail SET sent = 1", "DELETE FROM {tiny_content}.outbox"),
    ),
    files=Files(root="srv/tiny/uploads", folders=("pictures",), groups=("pictures",), required="pictures"),
    ports=(Port(name="http", number=80, protocol=HTTP, upstream=9000, description="HTTP", construct_id="Http"),),
    health=Health(path="/alive", expected='"database": true'),
    proxy=Proxy(rules="http-request set-var(txn.kind) str(read) if METH_GET"),
    program=Program(root="opt/tiny", left_out=("cache",), files=("etc/tiny/theme.css",)),
    secret=SiteSecret(
        key="token_key",
        names=(("acceptance_username", "checker"),),
        passwords=("acceptance_password",),
        inherited=("tiny_settings",),
    ),
    image=Image(emptied=("run/tiny",), secrets=("etc/tiny/settings.json",)),
    logs=Logs(folder="var/log/tiny"),
    playbook="tiny.yml",
    checks=(Check("queue", "its queue of jobs"),),
    tool="applications.tiny.application",
)
