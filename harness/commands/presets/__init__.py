"""Presets on the command line."""
