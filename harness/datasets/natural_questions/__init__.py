"""NQ320k, built from the files of Natural Questions."""
