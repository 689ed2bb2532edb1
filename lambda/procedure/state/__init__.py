"""The state of an execution: what earlier steps leave for later ones, one typed object per concern.

It travels as JSON in `$.memory` of the state machine, through every step boundary and every retry. So it stays small, holds no secret, and
is read strictly: an unknown key or a value of another type is refused.
"""
