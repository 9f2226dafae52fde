"""Indexes that somebody else built, measured like the others."""
