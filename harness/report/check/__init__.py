"""Show the outcome of a check: in the terminal, as Markdown and as JUnit XML."""
