"""Datasets in the tables that the Hugging Face hub has."""
