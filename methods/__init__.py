"""What is benchmarked: encoders, trainers and indexes behind one interface."""
