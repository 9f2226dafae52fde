"""What a reader is shown of the records."""
