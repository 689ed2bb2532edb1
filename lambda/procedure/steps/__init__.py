"""The steps, one module per phase.

A step is a function of Context that returns Done or Pending, may be repeated at any time, and raises the errors of common.errors.
"""
