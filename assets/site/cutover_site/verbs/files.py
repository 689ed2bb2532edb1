"""Verbs about the site's files: the replica's key, the delta, digests."""

import argparse
import time
from pathlib import Path
from typing import Any

from cutover_site.cli import Option, Verb
from cutover_site.errors import NotChecked, Refused
from cutover_site.files import delta as delta_files
from cutover_site.files import digest, efs, program
from cutover_site.machine import Machine

Facts = dict[str, Any]


def delta_key(machine: Machine, _options: argparse.Namespace) -> Facts:
    machine.must_be("replica")
    return {"public_key": delta_files.public_key(machine)}


def delta(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("replica")
    began = time.monotonic()
    facts = delta_files.carry_over(machine, options.source, checksum=options.checksum, timeout=options.timeout)
    return {**facts, "seconds": round(time.monotonic() - began, 3)}


def digest_files(machine: Machine, options: argparse.Namespace) -> Facts:
    """One line per repository and folder. Both sides' answers are equal exactly when the trees are."""
    root = _root(machine, options)
    if not digest.repositories(root):
        raise NotChecked(f"no repository below {root}: nothing was compared", next_action="was the bulk copy made?")
    began = time.monotonic()
    found = digest.refs(root) if options.refs else digest.files(root)
    return {"side": options.side, "root": str(root), "what": "refs" if options.refs else "files", "digests": found,
            "seconds": round(time.monotonic() - began, 3)}  # fmt: skip


def digest_program(machine: Machine, _options: argparse.Namespace) -> Facts:
    machine.must_be("source-app", "target")
    return {"what": "program", "digests": program.digests(machine)}


def _root(machine: Machine, options: argparse.Namespace) -> Path:
    if options.root:
        return Path(options.root)
    if options.side == "source":
        if machine.role != "source-app":
            raise Refused("--side source runs on source-app", next_action="give --root for another tree")
        return machine.layout.shared
    return efs.tree(machine, "live")


VERBS = (
    Verb("delta-key", "the public key that this replica reads the source with", delta_key),
    Verb(
        "delta",
        "bring the live tree to the source's state",
        delta,
        (
            Option("source", required=True, help="private address of the source"),
            Option("timeout", kind=float, default=3600.0),
            Option("checksum", flag=True, help="read every file on both sides instead of trusting size and time"),
        ),
    ),
    Verb(
        "digest-files",
        "digests of repositories, attachments, avatars, LFS objects",
        digest_files,
        (
            Option("side", required=True, choices=("source", "live")),
            Option("root", default=""),
            Option("refs", flag=True, help="refs only"),
        ),
    ),
    Verb("digest-program", "keyed digests of Gogs's program, templates and settings", digest_program),
)
