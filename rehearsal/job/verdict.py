"""What speaks against a run. A figure that could not be measured, or a search that did not run, speaks against it too."""

from __future__ import annotations

from rehearsal.job.evidence import Evidence


def objections(evidence: Evidence) -> list[str]:
    """One sentence each; none: the site has moved with everything in it, and that is shown."""
    wrong: list[str] = [f"lost: {one}" for one in evidence.ledger.get("lost", ["nothing was looked up"])]
    if evidence.comparison is None:
        wrong.append("source and target were not compared")
    else:
        wrong += evidence.comparison.findings
    if evidence.overlap is None or evidence.overlap.apart is None or evidence.overlap.happened:
        wrong.append(f"that only one site accepted writes at a time is not shown: {evidence.overlap}")
    if evidence.secrecy is None:
        wrong.append("secrets were not searched for")
    else:
        wrong += [f"a secret is where it must not be: {one}" for one in evidence.secrecy.findings]
        wrong += [f"not searched for secrets: {one}" for one in evidence.secrecy.unsearched]
    return wrong
