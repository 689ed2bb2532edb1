"""A process that has everything loaded while seconds count: commands of `cutover-site` are run by its forks, without a start of their own."""
