"""Handle the actions of DMS, one module for each resource."""
