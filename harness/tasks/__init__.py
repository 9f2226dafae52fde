"""The tasks of workers: train, build, tune and search, each in its own process."""
