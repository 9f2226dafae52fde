"""Imports go one way, and the command line starts without the heavy libraries."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# A file may import those of its own level and below.
LEVELS = [
    {"cli"},
    {"ablate_command"},
    {
        "run_command",
        "show_command",
        "check_command",
        "export_command",
        "report_command",
        "catalogue",
    },
    {"starting", "plan_table"},
    {"report", "runner", "progress", "estimate"},
    {"choosing", "regression"},
    {
        "ablation",
        "choice",
        "tuning",
        "loaded_index",
        "preparation",
        "recording",
        "rounds",
        "faiss_export",
        "measuring",
        "building",
        "training",
        "artifacts",
        "plan",
        "workers",
        "worker_process",
    },
    {"menu", "ablation_grid", "cli_options"},
    {"config", "datasets", "budget", "quality", "store", "provenance", "significance"},
    {"balance", "timing", "threads", "memory", "reference_workload"},
]
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
    return module.split(".")[1] if "." in module else ""


def test_methods_import_nothing_of_the_harness():
    for path in (ROOT / "methods").rglob("*.py"):
        assert not {m for m in imported(path) if m.split(".")[0] == "harness"}, path


def test_the_harness_imports_downwards():
    level_of = {name: level for level, names in enumerate(LEVELS) for name in names}
    for path in (ROOT / "harness").rglob("*.py"):
        own = path.relative_to(ROOT / "harness").with_suffix("").parts[0]
        if own == "__init__":
            continue
        for module in imported(path):
            if module.startswith("harness.") and room(module) != own:
                assert level_of[room(module)] >= level_of[own], f"{path} imports {module}"


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
