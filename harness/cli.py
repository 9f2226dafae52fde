"""The command line: find the command, and report errors as one line and an exit code.

Exit code 1 means that `ehibench check` found something worse, and nothing else.
"""

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any

import click

from harness.commands.options import debug_option, debugging
from methods.errors import InputError, UnavailableError

BAD_INPUT, CRASHED, INTERRUPTED = 2, 3, 130
OUTPUT_CLOSED = 141  # as for a program that SIGPIPE ends
COMMANDS = {
    "ablate": "harness.commands.ablate:ablate",
    "baseline": "harness.commands.check:write_baseline",
    "check": "harness.commands.check:check_candidate",
    "compare": "harness.commands.compare:compare",
    "drift": "harness.commands.drift:drift",
    "export": "harness.commands.export:export",
    "list": "harness.commands.list:list_items",
    "published": "harness.commands.published.command:published",
    "report": "harness.commands.report:report",
    "run": "harness.commands.run:run",
    "show": "harness.commands.show:show",
}


class OutputClosedError(Exception):
    """Whoever read the output, such as `head`, has gone."""


class CommandLine(click.Group):
    """Imports a command when it is asked for, and reports its errors.

    Bad input is one line and exit code 2; a traceback is for bugs, or for --debug.
    """

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import and return a command, or None if there is none of that name."""
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command and exit, with 1 for nothing but a verdict."""
        options["standalone_mode"] = False  # click would exit with 1 if the output is closed
        sys.exit(_exit_code(partial(super().main, *args, **options)))

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Parse the options before the command, and print --help and --version."""
        try:
            return super().make_context(*args, **options)
        except BrokenPipeError:
            raise OutputClosedError from None

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except (InputError, UnavailableError) as error:
            if debugging(context):
                traceback.print_exc()
            else:
                click.echo(f"Error: {error}", err=True)
            context.exit(BAD_INPUT)
        except KeyboardInterrupt:
            click.echo(
                "Interrupted. Finished cells are kept; run the same command to continue "
                "(--force starts again).",
                err=True,
            )
            context.exit(INTERRUPTED)
        except BrokenPipeError:
            raise OutputClosedError from None


def _exit_code(run: Callable[[], Any]) -> int:
    """Run a command and return its exit code, after reporting what went wrong."""
    if sys.stderr is None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.stderr = os.fdopen(2, "w")
    if sys.stdout is None:
        _report(partial(click.echo, "Error: the standard output is closed", err=True))
        return BAD_INPUT
    try:
        try:
            code = run()
        except SystemExit as stop:
            code = stop.code
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        _report(error.show)
        return BAD_INPUT
    except click.Abort:
        return INTERRUPTED
    except (OutputClosedError, BrokenPipeError):
        _discard_output()
        return OUTPUT_CLOSED
    except OSError as error:
        if error.filename is not None:  # not the output
            _report(traceback.print_exc)
            return CRASHED
        _discard_output()
        line = f"Error: the output cannot be written: {error.strerror or error}"
        _report(partial(click.echo, line, err=True))
        return BAD_INPUT
    except Exception:
        _report(traceback.print_exc)
        return CRASHED


def _report(write: Callable[[], None]) -> None:
    """Write to standard error, which may be full or closed too."""
    with suppress(OSError):
        write()


def _discard_output() -> None:
    """Let Python drop what it still has to write, instead of failing again when it exits."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=CommandLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ehibench")
@debug_option()
def main() -> None:
    """Does learning the index with the embeddings beat embedding first, at the same compute?"""


if __name__ == "__main__":
    main()
