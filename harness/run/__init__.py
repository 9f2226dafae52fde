"""The parent process of a run: it plans, asks workers, times them in turns and records."""
