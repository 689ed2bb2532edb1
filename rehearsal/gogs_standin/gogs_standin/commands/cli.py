"""Parse the command line of Gogs: web, serv, hook, admin.

Each command imports only what it needs, because a hook must start fast.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from .. import VERSION
from ..config.config import ConfigError, load
from . import logs
from .environment import adopt

_USER = {"name": "Username", "password": "Password", "email": "Email"}


def main(arguments: Sequence[str], binary: Path) -> int:
    """Run a command and return its exit code.

    An error is one line: for `admin` on standard output, as Gogs prints it, otherwise on standard error.
    """
    options = _build_parser().parse_args(arguments)
    if not options.command:
        _build_parser().print_help()
        return 0
    if getattr(options, "environ_of", None):
        adopt(options.environ_of)
    try:
        return _dispatch(options, binary)
    except (ConfigError, OSError) as error:
        return _fail(options.command, str(error))
    except Exception as error:
        if type(error).__module__.startswith("pymysql"):
            return _fail(options.command, f"database: {error}")
        raise


def _fail(command: str, message: str) -> int:
    if command == "admin":
        from . import admin

        return admin.fail(message)
    print(f"gogs: {message}", file=sys.stderr)
    return 1


def _dispatch(options: argparse.Namespace, binary: Path) -> int:
    command = options.command
    config = load(options.config, binary, os.environ)
    if command == "web":
        from . import web

        logs.log_to_file(config.log, "gogs.log", console=True)
        return web.run(config)
    if command == "serv":
        from . import serv

        logs.log_to_file(config.log, "serv.log")
        return serv.run(config, options.key)
    if command == "hook":
        from . import hook

        logs.log_to_file(config.log, "hook.log")
        return hook.run(config, options.name, options.arguments)
    from . import admin

    if command == "authorized-keys":
        return admin.print_authorized_key(config, options.type, options.data, options.environ_of or 0)
    if options.task == "create-user":
        for name, shown in _USER.items():
            if getattr(options, name) is None:
                return admin.fail(f"{shown} is not specified")
        return admin.create_user(
            config, name=options.name, password=options.password, email=options.email, admin=options.admin
        )
    return admin.rewrite_hooks(config) if options.task == "resync-hooks" else admin.rewrite_authorized_keys(config)


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gogs", description="A stand-in for Gogs, made for a rehearsal.")
    parser.add_argument("--version", "-v", action="version", version=f"Gogs version {VERSION}")
    commands = parser.add_subparsers(dest="command", metavar="web|serv|hook|admin")

    web = commands.add_parser("web", help="serve the site")
    serv = commands.add_parser("serv", help="one SSH session; for sshd")
    serv.add_argument("key")
    hook = commands.add_parser("hook", help="one hook; for git")
    lookup = commands.add_parser("authorized-keys")
    lookup.add_argument("type")
    lookup.add_argument("data")
    admin = commands.add_parser("admin", help="what an operator does")
    tasks = admin.add_subparsers(dest="task", required=True)
    create = tasks.add_parser("create-user", help="add a person")
    for name in _USER:
        create.add_argument(f"--{name}")
    create.add_argument("--admin", action="store_true")
    others = [tasks.add_parser(name) for name in ("resync-hooks", "rewrite-authorized-keys")]
    for part in (web, serv, hook, lookup, create, *others):
        part.add_argument("--config", "-c", default="", help="app.ini, instead of custom/conf/app.ini")
    for part in (serv, lookup):
        part.add_argument("--environ-of", type=int, help=argparse.SUPPRESS)
    hook.add_argument("name", choices=("pre-receive", "update", "post-receive"))
    hook.add_argument("arguments", nargs="*")
    return parser
