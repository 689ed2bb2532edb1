"""The acceptance suite: the checks that a launched site must pass before anybody uses it. This package has what every suite needs.

The checks of an application are in its own folder. `cutover_site.application.Behavior` returns them as a `Suite`, and opens their `Session`.
"""
