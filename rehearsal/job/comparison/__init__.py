"""Compare the frozen source and the target from outside, with nothing of the product's own verification.

The target goes on working after the commit, so both cannot be equal any more. What is demanded: everything that the source
has is on the target, and whatever differs or is new there is what normal use does after a commit (`RehearsedApplication.is_normal_use`). Anything
else is a finding, and so is whatever could not be compared.
"""

from rehearsal.application import Query
from rehearsal.job.comparison.files import compare_files
from rehearsal.job.comparison.repositories import compare_repositories
from rehearsal.job.comparison.result import Comparison
from rehearsal.job.comparison.rows import compare_rows
from rehearsal.job.comparison.tree import Tree

__all__ = ["Comparison", "Query", "Tree", "compare_files", "compare_repositories", "compare_rows"]
