"""One HTML page that asks the network for nothing: style, scripts and data stand inside it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
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
    """Return the page of what harness/report/page/content.py gives."""
    parts = {
        "style": _read("page.css"),
        "data": _json(content),
        "script": "\n".join(map(_read, SCRIPTS)),
    }
    return re.sub(r"<!-- (\w+) -->", lambda place: parts[place[1]], _read("page.html"))


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _json(content: Mapping[str, Any]) -> str:
    """Return JSON that a script element holds: no text in it can end the element."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")
