"""Decide whether a candidate's quality or speed is worse than a baseline's by more than noise."""
