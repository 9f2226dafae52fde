"""What papers report, on the command line."""
