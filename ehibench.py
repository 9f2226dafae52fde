"""Start the command line with the packages next to this file, whatever PYTHONPATH holds.

A folder of the user's may have packages that are called `methods` or `harness` too. The command
starts here, and worker processes import this module first (harness/run/workers.py).
"""

import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

CRASHED, INTERRUPTED = 3, 130


def import_own_package(name: str) -> None:
    """Import a package from the folder of this file, where its modules are found from then on."""
    folder = Path(__file__).parent / name
    spec = spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None, "a file that Python can read has a loader"
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def main() -> None:
    """Run the command line. A crash or Ctrl-C while it is imported is no verdict either."""
    try:
        from harness.cli import main as command_line
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception:
        traceback.print_exc()
        sys.exit(CRASHED)
    command_line()


for package in ("methods", "harness"):
    if package not in sys.modules:
        import_own_package(package)

if __name__ == "__main__":
    main()
