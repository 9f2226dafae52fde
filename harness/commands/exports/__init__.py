"""The formats that `ehibench export` writes, one module for each."""
