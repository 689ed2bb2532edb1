"""What can be wrong with a request, apart from the machine.

Refused          the site says no; `message` is for the person
  Missing        there is no such thing, or it may not be seen
  Exists         the name is taken
  Forbidden      it may be seen, not done
"""


class Refused(Exception):
    """The site says no; the message is for the person."""

    @property
    def message(self) -> str:
        return str(self)


class Missing(Refused):
    """There is no such thing, or this person may not see it."""


class Exists(Refused):
    """The name is taken."""


class Forbidden(Refused):
    """May be seen, not done."""
