"""Lambda functions of this repository, bundled from lambda/ without Docker."""

from functions.python_function import PythonFunction

__all__ = ["PythonFunction"]
