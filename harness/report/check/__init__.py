"""The outcome of a check, for the terminal, for CI and for JUnit."""
