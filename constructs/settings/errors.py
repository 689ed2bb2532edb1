"""The one error of the configuration."""


class SettingsError(Exception):
    """The configuration cannot be used. The message is one line: file, line, key, what is expected."""
