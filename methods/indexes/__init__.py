"""The indexes that are not learned, one file each."""
