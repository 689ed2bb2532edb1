"""The acceptance suite of Gogs. `suite.py` is the table of its checks; `checks` has one module for each."""
