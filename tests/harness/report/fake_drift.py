"""Records of a drift with values that a test chooses."""

from harness.measure.budget import Budget, MeanCost
from harness.plan.drift import DriftArm
from harness.store.drifts import DriftQuality, DriftRecord, DriftResult, DriftSeconds

SECONDS = {
    "added": DriftSeconds(add=0.25),
    "rebuilt": DriftSeconds(build=2.0),
    "retrained": DriftSeconds(train=30.0, build=2.0),
}


def make_drift(
    arm: DriftArm, mean: float = 0.5, method: str = "ivf", limit: float = 0.1, seed: int = 0
) -> DriftRecord:
    """Return the record of an arm; its mean over the unseen and the later queries is lower."""
    values = {
        "all": (mean, 10),
        "seen": (mean + 0.05, 8),
        "unseen": (mean - 0.2, 2),
        "first": (mean + 0.1, 6),
        "later": (mean - 0.1, 4),
    }
    quality = {
        part: DriftQuality({"nDCG@10": value, "R@10": value + 0.2}, queries)
        for part, (value, queries) in values.items()
    }
    result = DriftResult(
        effort=4,
        cost=MeanCost(limit, limit, 0.01),
        quality=quality,
        seconds=SECONDS[arm],
        largest_over_mean=3.0,
    )
    return DriftRecord(
        cell=f"{arm}-{method}-{limit}-{seed}",
        dataset="d",
        method=method,
        arm=arm,
        share=0.2,
        seed=seed,
        budget=Budget("visited", limit),
        depth=10,
        result=result,
    )
