"""The report as one HTML page: what it shows as JSON, and the files that show it."""
