"""How values of options are spelled."""
