"""How methods are measured: datasets, budgets, timing, quality, records and reports."""
