"""Start the command line with the packages next to this file, whatever PYTHONPATH holds.

A folder of the user's may have modules that are called `ehibench`, `harness` or `methods` too. The
command starts here, in a module that nobody else has. Worker processes (harness/run/workers.py) and
`import ehibench` import it first.
"""

import sys
import traceback
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parent
OWN = ("ehibench", "harness", "methods")
CRASHED, INTERRUPTED = 3, 130


class OwnPackages:
    """An importer, asked before all others, that finds ehibench's packages in its own folder."""

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a package of ehibench is, and None for anything else."""
        return PathFinder.find_spec(name, [str(FOLDER)]) if name in OWN else None


def check_imported() -> None:
    """Raise ImportError if another package was imported under the name of one of ehibench's."""
    for name in OWN:
        file = getattr(sys.modules.get(name), "__file__", None)
        if name in sys.modules and (file is None or FOLDER not in Path(file).resolve().parents):
            raise ImportError(
                f"{file or 'a folder'} was imported as {name!r}, which is the name of a package of "
                "ehibench; rename it, or import ehibench before it"
            )


def main() -> None:
    """Run the command line. A crash or Ctrl-C during its import must not look like a verdict."""
    try:
        from harness.cli import main as command_line
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception:
        traceback.print_exc()
        sys.exit(CRASHED)
    command_line()


if OwnPackages not in sys.meta_path:
    sys.meta_path.insert(0, OwnPackages)

if __name__ == "__main__":
    main()
