"""Define the errors of a request that are not errors of the machine.

Refused          the site refuses; `message` is for the user
  Missing        it does not exist, or this user may not see it
  Exists         the name is in use
  Forbidden      this user may see it, but not change it
"""


class Refused(Exception):
    """The site refuses the request. The message is for the user."""

    @property
    def message(self) -> str:
        return str(self)


class Missing(Refused):
    """It does not exist, or this user may not see it."""


class Exists(Refused):
    """The name is in use."""


class Forbidden(Refused):
    """This user may see it, but not do this with it."""
