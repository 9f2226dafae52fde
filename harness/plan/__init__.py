"""Plans: the cells to measure, menus of settings, and the arms of an ablation."""
