"""Measure budgets, quality, significance, time and memory."""
