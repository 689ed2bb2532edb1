"""The full comparison of files, while the source still serves."""

from __future__ import annotations

from procedure.context import Context
from procedure.logic.verification import compare_files
from procedure.outcome import Done, Outcome, Pending
from procedure.steps import file_digests
from procedure.steps.file_differences import resolve_file_differences

MAX_NAMED = 50
"""differing lines in the evidence, at most"""


def verify_files(context: Context) -> Outcome:
    """Compare every file once, copy files that differ by content, and compare those again.

    The delta compares sizes and times only, so it does not find a damaged file. A difference that remains fails the run here, while the source
    serves.
    """
    files = file_digests.poll_file_digests(context)
    if files is None:
        return Pending("the digests of the files of source and target")
    context.state.source.files_compared_since = str(files[0]["moment"])
    compared = compare_files(*files)
    resolved = resolve_file_differences(context, compared)
    if resolved is None:
        return Pending(f"files that differ to be copied by content ({compared.summary})", machine=context.replica)
    return Done(
        {
            "files_equal": len(compared.equal),
            "files_differing": dict(list(compared.different.items())[:MAX_NAMED]),
            "files_copied_by_content": resolved,
        }
    )
