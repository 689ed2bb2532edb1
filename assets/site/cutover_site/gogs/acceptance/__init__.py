"""The acceptance suite of Gogs. `suite.py` is its table of checks, one module of `checks` has each of them."""
