"""The full comparison of files, while the source still serves."""

from __future__ import annotations

from procedure.context import Context
from procedure.logic.verification import compare_files
from procedure.outcome import Done, Outcome, Pending
from procedure.steps import comparison
from procedure.steps.file_differences import settle_files

MOST_NAMED = 50
"""differing lines in the evidence"""


def verify_files(context: Context) -> Outcome:
    """Compare every file once. What differs is copied by content, because the delta does not see a file that was damaged under its size and
    time, and compared again. Differences that stay fail here, with the source live.
    """
    files = comparison.files(context)
    if files is None:
        return Pending("the digests of the files of source and target")
    context.state.source.files_compared_since = str(files[0]["moment"])
    compared = compare_files(*files)
    settled = settle_files(context, compared)
    if settled is None:
        return Pending(f"files that differ to be copied by content ({compared.words})", machine=context.replica)
    return Done(
        {
            "files_equal": len(compared.equal),
            "files_differing": dict(list(compared.different.items())[:MOST_NAMED]),
            "files_copied_by_content": settled,
        }
    )
