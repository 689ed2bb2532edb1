"""Verbs for the site's files: the replica's key, the delta, digests and comparisons."""

from __future__ import annotations

import argparse
import json
import logging
import time
from pathlib import Path
from typing import Any

from applications.profile import Files

from cutover_site.cli import AFTER, WAIT, Option, Verb
from cutover_site.errors import NotChecked, Refused
from cutover_site.files import changes, compare, data_roots, digest, efs, program
from cutover_site.files import delta as delta_files
from cutover_site.files.names import summarize
from cutover_site.machine import Machine
from cutover_site.milestone_option import wait_for_requested_milestone
from cutover_site.system.locks import hold_lock

LOG = logging.getLogger(__name__)
DELTA_LOCK = "delta.lock"
"""a command that was sent twice copies twice, one after the other"""
Facts = dict[str, Any]


def show_delta_key(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Return the public key with which this replica reads the source's files."""
    machine.require_role("replica")
    return {"public_key": delta_files.ensure_public_key(machine)}


def run_delta(machine: Machine, options: argparse.Namespace) -> Facts:
    """Copy what changed on the source into the live tree."""
    machine.require_role("replica")
    with delta_files.prepare(machine, options.source, options.since if options.after else "") as prepared:
        wait_for_requested_milestone(machine, options)
        began = time.monotonic()
        with hold_lock(machine.layout.state / DELTA_LOCK):
            facts = delta_files.copy_changes(
                machine,
                options.source,
                since=options.since,
                checksum=options.checksum,
                timeout=options.timeout,
                prepared=prepared,
            )
    return {**facts, "seconds": round(time.monotonic() - began, 3)}


def digest_files(machine: Machine, options: argparse.Namespace) -> Facts:
    """Return digests of the files as lines, equal on both sides exactly when the compared files are equal.

    `moment` in the result is a value for a later `--since`. The source refuses a link that leads out of the data root.
    """
    rules, root, source = machine.layout.application.files, _choose_root(machine, options), options.side == "source"
    moment, began = changes.Moment.read_before_now(), time.monotonic()
    changed = _read_changes(machine, options, root)
    if changed is not None:
        found = digest.digest_changes(rules, root, changed, check_links=source)
    elif options.refs:
        found = digest.digest_refs(rules, root, parse_lines(options.whole), check_links=source)
    else:
        found = digest.digest_files(rules, root, check_links=source)
    if changed is None and not has_content(rules, root):
        what = "repository" if rules.repositories else f"file in {rules.required or 'it'}"
        raise NotChecked(f"no {what} below {root}: nothing was compared", next_action="was the bulk copy made?")
    what = "changes" if changed is not None else "refs" if options.refs else "files"
    return {"side": options.side, "root": str(root), "what": what, "digests": found,
            "moment": str(moment), "seconds": round(time.monotonic() - began, 3)}  # fmt: skip


def has_content(rules: Files, root: Path) -> bool:
    """Return whether there is anything to compare. A tree without content was never filled."""
    if rules.repositories:
        return bool(digest.list_repositories(rules, root))
    folder = root / rules.required
    return folder.is_dir() and any(folder.iterdir())


def _read_changes(machine: Machine, options: argparse.Namespace, root: Path) -> changes.ChangedPaths | None:
    """Return what changed; None when the whole tree is to be compared, or when the clock was set."""
    if not options.since:
        return None
    if options.side == "live":
        return delta_files.read_copied_changes(machine, options.since)
    try:
        return changes.parse_listing(
            changes.list_changes(machine.layout.application.files, root, changes.Moment.parse(options.since))
        )
    except changes.ClockWasSet as error:
        LOG.warning("%s: comparing the whole tree", error)
        return None


def compare_files(machine: Machine, options: argparse.Namespace) -> Facts:
    """Return the paths that differ: `different` did not change since the moment, `changed_since` did."""
    machine.require_role("replica")
    began = time.monotonic()
    found = compare.compare(
        machine, options.source, since=options.since, lines=parse_lines(options.lines), timeout=options.timeout
    )
    return {
        "different": summarize(found.different),
        "changed_since": summarize(found.changed_since),
        "looked_at": found.looked_at,
        "seconds": round(time.monotonic() - began, 3),
    }


def parse_lines(text: str) -> list[str]:
    """Return the lines in an option that holds a JSON list. Raises Refused."""
    try:
        lines = json.loads(text or "[]")
    except ValueError as error:
        raise Refused(f"{text:.40} is not a JSON list: {error}") from error
    if not isinstance(lines, list):
        raise Refused(f"{text:.40} is not a JSON list")
    return [str(line) for line in lines]


def digest_program(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Return keyed digests of the application's own files and settings."""
    machine.require_role("source-app", "target")
    return {"what": "program", "digests": program.digest_program(machine)}


def _choose_root(machine: Machine, options: argparse.Namespace) -> Path:
    if options.root:
        return Path(options.root)
    if options.side == "source":
        if not machine.has_role("source-app"):
            raise Refused("--side source runs on source-app", next_action="give --root for another tree")
        data_roots.require_exposed(machine.layout)
        return machine.layout.shared
    return efs.mount_tree(machine, "live")


SINCE = Option(
    "since",
    default="",
    help="moment of an earlier digest: compare only what changed on the source since then, and refs",
)
VERBS = (
    Verb("delta-key", "the public key with which this replica reads the source's files", show_delta_key),
    Verb(
        "delta",
        "copy what changed on the source into the live tree",
        run_delta,
        (
            Option("source", required=True, help="private address of the source"),
            Option("timeout", kind=float, default=3600.0),
            Option("checksum", flag=True, help="read every file on both sides instead of trusting size and time"),
            SINCE,
            Option("run", default="", help="id of the run; with --after"),
            AFTER,
            WAIT,
        ),
    ),
    Verb(
        "digest-files",
        "digests of repositories and of the other files of the data root",
        digest_files,
        (
            Option("side", required=True, choices=("source", "live")),
            Option("root", default=""),
            Option("refs", flag=True, help="compare git refs only"),
            Option("whole", default="", help="JSON list of lines: with --refs, compare these by all their content"),
            SINCE,
        ),
    ),
    Verb(
        "compare-files",
        "the paths that differ, separated by whether they changed since a moment",
        compare_files,
        (
            Option("source", required=True, help="private address of the source"),
            Option("since", required=True, help="moment of an earlier digest"),
            Option("lines", required=True, help='JSON list of lines of a digest; ["*"] for all'),
            Option("timeout", kind=float, default=3600.0),
        ),
    ),
    Verb("digest-program", "keyed digests of the application's program, templates and settings", digest_program),
)
