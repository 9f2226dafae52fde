"""What workers do: train, build, tune and search, each in a process of its own."""
