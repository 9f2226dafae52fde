"""The normal form of a synonym, and the split that a query of this form belongs to."""

import hashlib
import re

from harness.datasets.dataset import SplitName


def normal_form(text: str) -> str:
    """Return the text in lower case, with a space for each run of characters but a-z and 0-9."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def split_of(form: str) -> SplitName:
    """Return the split of a normal form, by its hash: 8 tenths train, then dev, then test."""
    bucket = int(hashlib.sha256(form.encode()).hexdigest()[:8], 16) % 10
    return "train" if bucket < 8 else "dev" if bucket == 8 else "test"
