"""A run whose parts are done by jobs: what each job is given, and how they are submitted."""
