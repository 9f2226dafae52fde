"""Turn records into the rows that every table and figure is made from."""
