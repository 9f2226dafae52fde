"""Measuring: budgets, quality, significance, time and memory."""
