"""The wheel, installed outside the checkout, works in a folder with modules of its names."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from harness.report.rows.published import CHECKOUT

ROOT = Path(__file__).parent.parent
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([*PIP, *build], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_installs_its_packages_and_nothing_else(wheel: Path):
    names = {name.partition("/")[0] for name in ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {
        "ehibench",
        "ehibench_start.py",
        "harness",
        "methods",
    }
    typed = {f"{package}/py.typed" for package in ("ehibench", "harness", "methods")}
    assert typed <= set(ZipFile(wheel).namelist())


def test_the_command_works_next_to_modules_with_its_names(wheel: Path, tmp_path: Path):
    site = tmp_path / "site"
    install = ["install", "--no-index", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run([*PIP, *install], check=True, capture_output=True)
    for name in ("methods/__init__.py", "harness.py", "ehibench.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("raise RuntimeError('a module of the user')")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([".", str(site)])}

    def output(*command: str | Path) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "k-means lists" in output(site / "bin" / "ehibench", "list", "methods")
    program = (
        "import ehibench_start, ehibench\n"
        "from harness.report.rows.published import PUBLISHED\n"
        "print(ehibench.__file__, *sorted(path.name for path in PUBLISHED.glob('*')))"
    )
    file, *published = output(sys.executable, "-c", program).split()
    assert Path(file) == site / "ehibench" / "__init__.py"
    assert published == sorted(path.name for path in CHECKOUT.glob("*"))
