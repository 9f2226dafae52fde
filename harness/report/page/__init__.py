"""The report as one HTML page: Python makes its data as JSON, and assets/ displays it."""
