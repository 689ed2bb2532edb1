"""A launched copy of the source becomes a server of the target site: post-launch, image, boot, activate."""
