"""Posting lists: how they are reached and searched, and which documents are in them."""
