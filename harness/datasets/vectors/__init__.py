"""Datasets of vectors instead of texts."""
