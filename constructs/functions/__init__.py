"""Lambda functions of this repository, bundled from lambda/ without Docker."""

from functions.environment import ReplicaPlace, environment
from functions.python_function import PythonFunction

__all__ = ["PythonFunction", "ReplicaPlace", "environment"]
