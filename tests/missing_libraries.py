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
"""A sitecustomize.py: Python imports it at startup, before anything else."""


def environment_without(*libraries: str, folder: Path) -> dict[str, str]:
    """Return an environment in which Python, and all processes that it starts, miss libraries.

    It is as if they were not installed: importing one fails, and `find_spec` returns None. Writes a
    sitecustomize.py into `folder`.
    """
    (folder / "sitecustomize.py").write_text(SITE.format(missing=libraries))
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
