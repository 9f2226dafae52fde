"""What the rows of a dataset show: costs at equal quality, verdicts, and sentences about them."""
