"""Reports of records: terminal tables, paper tables, figures, checks and a page."""
