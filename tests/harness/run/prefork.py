"""Run `ehibench` in forks of a process that has already imported everything.

Importing takes most of the time of a small sweep, and the test of kills starts forty. Each line of
standard input is a JSON list: a log file, for the output and traceback, and the words of a command
line. For each line, print the process id and, when the process has ended, its exit status.
"""

import json
import multiprocessing
import os
import sys

import faiss  # noqa: F401
import sentence_transformers  # noqa: F401

import harness.commands.run
import harness.commands.session
import harness.run.runner
import harness.run.workers
import harness.tasks.build
import harness.tasks.search
from harness.cli import main

harness.run.workers.CONTEXT = multiprocessing.get_context("fork")
harness.commands.session.start_server = lambda: None


def sweep(log: str, words: list[str]) -> None:
    """Run `ehibench` with these words and exit."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.argv = ["ehibench", *words]
    try:
        main(words)
    except SystemExit as end:
        os._exit(int(end.code or 0))
    finally:
        os._exit(1)


if __name__ == "__main__":
    for line in sys.stdin:
        log, *words = json.loads(line)
        process = os.fork()
        if process == 0:
            sweep(log, words)
        print(process, flush=True)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
