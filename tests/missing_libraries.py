"""The environment of a new process that does not find some of the installed libraries."""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
SITE = """
from importlib.machinery import PathFinder

find = PathFinder.find_spec


def find_spec(cls, name, path=None, target=None):
    return None if name in {missing} else find(name, path, target)


PathFinder.find_spec = classmethod(find_spec)
"""
"""What Python runs when it starts, before any other import."""


def environment_without(*libraries: str, folder: Path) -> dict[str, str]:
    """Return an environment in which Python, and all processes that it starts, miss libraries.

    They are missing as if they were not installed: to import one fails, and there is no spec of it.
    The `folder` gets a sitecustomize.py.
    """
    (folder / "sitecustomize.py").write_text(SITE.format(missing=libraries))
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
