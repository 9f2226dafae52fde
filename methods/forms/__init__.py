"""What an index scans: whole vectors, shorter ones or codes, each rescored by whole vectors."""
