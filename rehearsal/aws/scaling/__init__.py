"""Auto scaling groups: a reconciler keeps each at its desired number of instances."""
