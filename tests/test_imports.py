"""Imports go downwards only, and the command line starts without the heavy libraries."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# A package of harness/ imports only packages of lower levels. config.py and retired_settings.py
# together count as the package "settings".
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
PACKAGES = ("methods", "harness", "ehibench")
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
    """Return the modules that a file imports anywhere."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return modules


def package(module: str) -> str:
    """Return the package of harness/ that a module belongs to."""
    name = module.split(".")[1] if "." in module else ""
    return "settings" if name in SETTINGS else name


def sources() -> dict[str, Path]:
    """Return the files of the packages by the names of their modules."""
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    modules = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in files}
    return {name.replace("/", ".").removesuffix(".__init__"): p for name, p in modules.items()}


def test_methods_import_nothing_from_the_harness():
    for path in (ROOT / "methods").rglob("*.py"):
        assert not {m for m in imported(path) if m.split(".")[0] == "harness"}, path


def test_only_notebooks_import_the_package_for_notebooks():
    for module, path in sources().items():
        if not module.startswith("ehibench"):
            assert not {m for m in imported(path) if m.split(".")[0] == "ehibench"}, path


def test_every_package_of_the_harness_has_a_level():
    packages = {package(module) for module in sources() if module.startswith("harness.")}
    assert packages == set.union(*LEVELS)


def test_packages_of_the_harness_import_lower_levels_only():
    level_of = {name: level for level, names in enumerate(LEVELS) for name in names}
    for module, path in sources().items():
        own = package(module) if module.startswith("harness.") else ""
        for other in imported(path):
            if own and other.startswith("harness.") and package(other) != own:
                assert level_of[package(other)] > level_of[own], f"{path} imports {other}"


def test_imports_form_no_cycle():
    files = sources()
    graph = {module: imported(path) & files.keys() - {module} for module, path in files.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the cycle


def test_loading_a_file_cannot_run_code():
    for path in sources().values():
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
