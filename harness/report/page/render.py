"""Render the report as one self-contained HTML page: style, scripts and data are inside it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = (
    "elements.js",
    "scales.js",
    "chart.js",
    "tables.js",
    "queries.js",
    "tree.js",
    "origin.js",
    "main.js",
)


def render(content: Mapping[str, Any]) -> str:
    """Return the page that shows `content`, the data of `harness.report.page.content`."""
    parts = {
        "style": _read("page.css"),
        "data": _json(content),
        "script": "\n".join(map(_read, SCRIPTS)),
    }
    return re.sub(r"<!-- (\w+) -->", lambda slot: parts[slot[1]], _read("page.html"))


def _read(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _json(content: Mapping[str, Any]) -> str:
    """Return JSON in which no text can close the script element that holds it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")
