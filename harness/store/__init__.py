"""Storage: records, run folders, artifacts and choices."""
