"""The training loop that all trainers share, its parts, and the dual encoder."""
