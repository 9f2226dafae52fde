"""One colour and one marker per method, the same in every figure and on the page.

Most colours are from the palette of Okabe and Ito (2008), which colour-blind readers can tell
apart; the others are from Tol's schemes. Exact search and BM25, which serve as references, are
grey.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """A colour, and a marker by its matplotlib name."""

    colour: str
    marker: str


LOOKS = {
    "ehi": Look("#D55E00", "o"),
    "ehi-frozen": Look("#8C6BB1", "h"),
    "ehi-encoder+ivf": Look("#E69F00", "p"),
    "ehi-encoder+hnsw": Look("#A6761D", "d"),
    "ehi-encoder+scann": Look("#DD7788", ">"),
    "ehi-encoder+exact": Look("#5A5A5A", "P"),
    "ivf+router": Look("#44AA99", "<"),
    "ivf": Look("#0072B2", "s"),
    "hnsw": Look("#009E73", "^"),
    "faiss-hnsw": Look("#999933", "v"),
    "ngt": Look("#56B4E9", "8"),
    "scann": Look("#CC79A7", "D"),
    "exact": Look("#7A7A7A", "*"),
    "bm25": Look("#A0A0A0", "X"),
}
ADDED_MARKERS = {"short": "X", "sq8": "H", "pq": "P", "rabitq": "*", "hnsw": "^"}
"""The markers of a method and a form or a graph, such as ivf+pq, in the colour of the method."""
FUSED_COLOUR = "#661100"
"""The colour of ehi-vectors+X, which has the marker of ehi-encoder+X."""
SPARE = (Look("#882255", "H"), Look("#332288", "X"), Look("#117733", "P"))


def look(method: str) -> Look:
    """Return the look of a method; an unknown method always gets the same spare look."""
    if method in LOOKS:
        return LOOKS[method]
    if method.startswith("ehi-vectors+"):
        return Look(FUSED_COLOUR, look(method.replace("vectors", "encoder")).marker)
    row, _, added = method.rpartition("+")
    if row in LOOKS and added in ADDED_MARKERS:
        return Look(LOOKS[row].colour, ADDED_MARKERS[added])
    return SPARE[hashlib.sha256(method.encode()).digest()[0] % len(SPARE)]
