"""Render the report as one self-contained HTML page: style, scripts and data are inside it."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).parent / "assets"
STYLES = ("page.css", "parts.css", "print.css")
SCRIPTS = (
    "elements.js",
    "address.js",
    "filters.js",
    "charts/scales.js",
    "charts/chart.js",
    "charts/markers.js",
    "tables.js",
    "record.js",
    "findings.js",
    "trust.js",
    "reading.js",
    "settings.js",
    "queries.js",
    "tree.js",
    "origin.js",
    "charts/growth.js",
    "main.js",
)


def render(content: Mapping[str, Any]) -> str:
    """Return the page that shows `content`, the data of `harness.report.page.content`."""
    parts = {
        "style": _read("styles", STYLES),
        "data": _json(content),
        "script": _read("scripts", SCRIPTS),
    }
    page = (ASSETS / "page.html").read_text(encoding="utf-8")
    return re.sub(r"<!-- (\w+) -->", lambda slot: parts[slot[1]], page)


def _read(folder: str, names: Sequence[str]) -> str:
    return "\n".join((ASSETS / folder / name).read_text(encoding="utf-8") for name in names)


def _json(content: Mapping[str, Any]) -> str:
    """Return JSON in which no text can close the script element that holds it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")
