"""The command line: find the command, and report errors as one line and an exit code."""

from importlib import import_module
from typing import Any

import click

from harness.commands.options import debug_option, debugging
from methods.errors import InputError, UnavailableError

COMMANDS = {
    "ablate": "harness.commands.ablate:ablate",
    "baseline": "harness.commands.check:write_baseline",
    "check": "harness.commands.check:check_candidate",
    "drift": "harness.commands.drift:drift",
    "export": "harness.commands.export:export",
    "list": "harness.commands.list:list_items",
    "report": "harness.commands.report:report",
    "run": "harness.commands.run:run",
    "show": "harness.commands.show:show",
}


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

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except (InputError, UnavailableError) as error:
            if debugging(context):
                raise
            click.echo(f"Error: {error}", err=True)
            context.exit(2)
        except KeyboardInterrupt:
            click.echo(
                "Interrupted. Finished cells are kept; run the same command to continue "
                "(--force starts again).",
                err=True,
            )
            context.exit(130)


@click.group(cls=CommandLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ehibench")
@debug_option()
def main() -> None:
    """Does learning the index with the embeddings beat embedding first, at the same compute?"""


if __name__ == "__main__":
    main()
