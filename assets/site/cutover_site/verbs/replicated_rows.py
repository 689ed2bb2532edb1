"""Verbs for the target's replicated rows: divergent ones, and AUTO_INCREMENT."""

from __future__ import annotations

import argparse
import time
from typing import Any

from cutover_site.cli import Option, Verb
from cutover_site.database import auto_increment, divergent
from cutover_site.database.connections import connect
from cutover_site.database.labels import find_tables
from cutover_site.database.site_logins import read_source_reader_login, read_target_application_login
from cutover_site.machine import Machine
from cutover_site.result_size import select_first_that_fit
from cutover_site.verbs.table_options import SCHEMA, split_names

Facts = dict[str, Any]
DIVERGENT_CHARACTERS, CONVERGED_CHARACTERS, RAISED_CHARACTERS = 6_000, 9_000, 9_000
"""of names in a result; each name has a number beside it"""


def find_divergent_rows(machine: Machine, options: argparse.Namespace) -> Facts:
    """Return the tables with rows that replication will not repair (`stuck`), and those that have converged (`settled`)."""
    machine.require_role("replica")
    began, database = time.monotonic(), machine.layout.application.database
    names, must_converge = split_names(options.tables), frozenset(split_names(options.settle))
    found: dict[str, int] = {}
    converged: list[str] = []
    with (
        connect(read_source_reader_login(machine)) as source,
        connect(read_target_application_login(machine)) as target,
    ):
        for name, labels in find_tables(source, database, names, options.schema).items():
            compared = divergent.find_divergent_rows(
                source,
                target,
                name,
                list(labels),
                watch_seconds=options.patience,
                must_converge=[table for table, label in labels.items() if label in must_converge],
            )
            found.update({labels[table]: count for table, count in compared.divergent.items()})
            converged += [labels[table] for table in compared.converged]
    # Both may be shortened: tables are compared again after a reload, and one that is not in `settled` is compared completely.
    return {
        "looked_at": len(names),
        "stuck": {name: found[name] for name in select_first_that_fit(sorted(found), DIVERGENT_CHARACTERS)},
        "settled": select_first_that_fit(converged, CONVERGED_CHARACTERS),
        "seconds": round(time.monotonic() - began, 3),
    }


def sync_auto_increment(machine: Machine, options: argparse.Namespace) -> Facts:
    """Raise the target's next numbers to the source's. Return the raised ones."""
    machine.require_role("replica")
    with (
        connect(read_source_reader_login(machine)) as source,
        connect(read_target_application_login(machine)) as target,
    ):
        database = machine.layout.application.database
        raised = {
            name if options.schema else database.format_label(each, name): number
            for each in ([options.schema] if options.schema else database.schemas)
            for name, number in auto_increment.sync_auto_increment(source, target, each).items()
        }
    shown = select_first_that_fit(sorted(raised), RAISED_CHARACTERS)
    return {"carried": {name: raised[name] for name in shown}, "carried_tables": len(raised)}


VERBS = (
    Verb(
        "stuck-rows",
        "divergent rows: replication will not repair them",
        find_divergent_rows,
        (
            SCHEMA,
            Option("tables", required=True, help="comma separated"),
            Option("patience", kind=float, required=True, help="seconds to watch; longer than the target is behind"),
            Option(
                "settle",
                default="",
                help="comma separated: wait until these have converged (each row was seen equal once)",
            ),
        ),
    ),
    Verb(
        "carry-counters",
        "raise AUTO_INCREMENT of the target's tables to the source's",
        sync_auto_increment,
        (SCHEMA,),
    ),
)
