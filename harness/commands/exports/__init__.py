"""What `ehibench export` writes: one file for each format."""
