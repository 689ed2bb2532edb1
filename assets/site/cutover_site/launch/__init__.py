"""Turn a launched copy of the source into a server of the target site: post-launch, image, boot, activate."""
