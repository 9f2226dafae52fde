"""Whether a candidate is worse than a baseline, in quality or in speed, by more than noise."""
