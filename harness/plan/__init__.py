"""What is to be measured: cells, menus and the arms of an ablation."""
