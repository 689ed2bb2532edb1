"""Define the errors of a request that are not errors of the machine.

RequestRefused   the site refuses; `message` is for the user
  Missing        it does not exist, or this user may not see it
  Exists         the name is in use
  Forbidden      this user may see it, but not change it
"""


class RequestRefused(Exception):
    """The site refuses the request. The message is for the user."""

    @property
    def message(self) -> str:
        return str(self)


class Missing(RequestRefused):
    """It does not exist, or this user may not see it."""


class Exists(RequestRefused):
    """The name is in use."""


class Forbidden(RequestRefused):
    """This user may see it, but not do this with it."""
