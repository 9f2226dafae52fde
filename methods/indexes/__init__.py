"""Indexes that are not learned, one file each."""
