"""From a running machine's disk to a replica that is consistent at every point in time it keeps."""
