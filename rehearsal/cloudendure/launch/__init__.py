"""From a point in time to a machine that runs in the cloud, as a job with a log."""
