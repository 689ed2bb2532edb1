"""After a whole run: every secret that exists in it is searched for, by value, wherever it must not be.

Not searched for, because nobody keeps their values: the cookies of browsers and of the console's sessions, the access tokens
that the demo content and the acceptance suite make and throw away, the replica's key for the delta, which lives in memory
of a machine that is gone by then, and the key of MGN's agent, which is removed with the agent at the end of the migration.
"""

from rehearsal.job.secrecy.audit import Secrecy, search_places

__all__ = ["Secrecy", "search_places"]
