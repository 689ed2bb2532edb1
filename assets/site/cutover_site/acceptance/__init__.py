"""The acceptance suite: what a launched site must do before anybody relies on it. Here is what every application's suite needs.

An application's checks lie in its own folder. `cutover_site.application.Behavior` returns them as a `Suite`, and opens their `Session`.
"""
