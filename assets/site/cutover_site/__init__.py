"""What runs on the machines of a site: freeze, delta, digests, launch, acceptance. Entry point: `cutover-site VERB`."""
