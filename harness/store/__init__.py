"""What is on disk: records, run folders, artifacts and choices."""
