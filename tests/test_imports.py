"""Imports go one way, and the command line starts without the heavy libraries."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# A room of harness/ imports rooms of lower levels alone. config.py and retired_settings.py
# are the room of settings.
LEVELS = [
    {"cli"},
    {"commands"},
    {"report", "run"},
    {"regression", "tasks"},
    {"store"},
    {"plan"},
    {"measure"},
    {"datasets", "settings"},
]
SETTINGS = {"config", "retired_settings"}
HEAVY = {
    "torch",
    "faiss",
    "transformers",
    "sentence_transformers",
    "scipy",
    "ir_datasets",
    "matplotlib",
}


def imported(path: Path) -> set[str]:
    """Return the modules a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(module: str) -> str:
    name = module.split(".")[1] if "." in module else ""
    return "settings" if name in SETTINGS else name


def sources() -> dict[str, Path]:
    """Return every file of the packages by its module's name."""
    files = [path for package in ("methods", "harness") for path in (ROOT / package).rglob("*.py")]
    modules = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in files}
    return {name.replace("/", ".").removesuffix(".__init__"): p for name, p in modules.items()}


def test_methods_import_nothing_of_the_harness():
    for path in (ROOT / "methods").rglob("*.py"):
        assert not {m for m in imported(path) if m.split(".")[0] == "harness"}, path


def test_every_room_of_the_harness_has_a_level():
    rooms = {room(module) for module in sources() if module.startswith("harness.")}
    assert rooms == set.union(*LEVELS)


def test_the_harness_imports_downwards_and_nothing_of_its_own_level():
    level_of = {name: level for level, names in enumerate(LEVELS) for name in names}
    for module, path in sources().items():
        own = room(module)
        for other in imported(path):
            if own and other.startswith("harness.") and room(other) != own:
                assert level_of[room(other)] > level_of[own], f"{path} imports {other}"


def test_no_imports_go_round_in_a_circle():
    files = sources()
    graph = {module: imported(path) & files.keys() - {module} for module, path in files.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_nothing_that_is_loaded_can_run_code():
    sources = [path for room in ("methods", "harness") for path in (ROOT / room).rglob("*.py")]
    for path in sources:
        assert not {"pickle", "joblib", "dill", "shelve", "marshal"} & imported(path), path
        tree = ast.parse(path.read_text())
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            keywords = {word.arg: ast.unparse(word.value) for word in call.keywords}
            assert keywords.get("allow_pickle", "False") == "False", path
            assert keywords.get("trust_remote_code", "False") == "False", path
            assert ast.unparse(call.func) not in ("torch.load", "eval", "exec"), path


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["run", "--help"],
        ["export", "faiss", "--help"],
        ["report", "--help"],
        ["list", "methods"],
    ],
)
def test_the_command_line_starts_without_heavy_imports(arguments: list[str]):
    program = (
        "import sys\n"
        "from harness.cli import main\n"
        f"sys.argv = ['ehibench', *{arguments}]\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        f"loaded = {HEAVY} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
