"""EC2: instances that are machines, images and snapshots that are disks."""
