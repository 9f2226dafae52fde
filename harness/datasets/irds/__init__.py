"""Datasets of ir_datasets."""
