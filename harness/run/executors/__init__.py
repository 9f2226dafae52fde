"""Run the parts of a run as jobs: in Slurm, or one after the other on this machine."""
