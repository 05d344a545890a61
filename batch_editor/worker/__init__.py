"""A process that sends shards of runs, one of any number on many machines: what it takes, for whom, and how it ends."""
