"""Format instances, images and snapshots as the API of EC2 returns them."""
