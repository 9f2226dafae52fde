"""What all trainers share, and the dual encoder."""
