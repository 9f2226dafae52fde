"""A real Slurm whose only node is this machine: munged, slurmctld and slurmd in one folder."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

REQUIRED = "EHIBENCH_REQUIRE_SLURM"
"""The variable that lets tests fail instead of being skipped without Slurm."""
DAEMONS = ("munged", "slurmctld", "slurmd")
START_SECONDS = 60
CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmctldPort={controller}
SlurmdPort={daemon}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def _daemon(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def missing() -> str:
    """Return why Slurm cannot be started here, or "" if it can."""
    absent = [name for name in DAEMONS if _daemon(name) is None]
    if absent:
        return f"{', '.join(absent)} not found: apt-get install slurm-wlm munge"
    if find_spec("submitit") is None:
        return "submitit is not installed"
    return "" if os.getuid() == 0 else "Slurm's daemons run as root"


needs_slurm = pytest.mark.skipif(bool(missing()) and REQUIRED not in os.environ, reason=missing())


@contextmanager
def one_node_slurm(folder: Path) -> Iterator[dict[str, str]]:
    """Start Slurm with its files in `folder`; yield the environment of its commands."""
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    configuration = folder / "slurm.conf"
    configuration.write_text(
        CONFIGURATION.format(
            host=socket.gethostname().partition(".")[0],
            folder=folder,
            controller=_free_port(),
            daemon=_free_port(),
            cpus=os.cpu_count(),
        )
    )
    environment = {**os.environ, "SLURM_CONF": str(configuration)}
    files = [f"--{name}-file={folder / name}" for name in ("pid", "seed", "log")]
    munged = ["munged", "--foreground", "--force", f"--key-file={key}", *files]
    commands = [
        [*munged, f"--socket={folder / 'munge.socket'}"],
        ["slurmctld", "-D", "-c", "-L", str(folder / "slurmctld.log")],
        ["slurmd", "-D", "-c", "-L", str(folder / "slurmd.log")],
    ]
    with ExitStack() as daemons:
        for name, *words in commands:
            with (folder / f"{name}.output").open("w") as output:
                path = _daemon(name)
                assert path is not None, missing()
                daemon = subprocess.Popen(
                    [path, *words], stdout=output, stderr=output, env=environment
                )
            daemons.callback(_end, daemon)
            if name == "munged":
                _wait_for(lambda: (folder / "munge.socket").exists())
        _wait_for(lambda: "idle" in _answer(["sinfo", "--noheader", "--format=%T"], environment))
        yield environment
        _answer(["scancel", "--user=root"], environment)


def _end(daemon: "subprocess.Popen[bytes]") -> None:
    daemon.terminate()
    try:
        daemon.wait(10)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


def _answer(command: list[str], environment: dict[str, str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, env=environment).stdout


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "Slurm did not start"
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
