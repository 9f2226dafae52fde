"""What a job is given: the request of the command that submitted it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.commands.console import log_console
from harness.commands.options import RunOptions, parse_methods
from harness.commands.session import prepare_run
from harness.plan.given_indexes import with_given_indexes
from harness.plan.menu import parse_menu_options
from harness.run.executors.parts import run_part
from harness.run.executors.stages import Part


@dataclass(frozen=True)
class RunRequest:
    """What `ehibench run` was asked to measure. A job does a part of it by calling it."""

    options: RunOptions
    names: str  # of methods
    indexes: Sequence[str]  # that somebody else built
    choices: Sequence[str]
    trials: int
    force: bool
    command: Sequence[str] = field(default_factory=lambda: tuple(sys.argv))

    def __call__(self, part: Part) -> None:
        """Do a part in this process, which knows of the others only what is in the run folder."""
        sys.argv[:] = self.command  # records name the command that the user gave
        menus = parse_menu_options(self.choices, self.options.overrides, self.trials)
        with prepare_run(self.options, log_console()) as context:
            rows, settings = with_given_indexes(
                parse_methods(self.names), context.settings, self.indexes, context.dataset
            )
            cells = context.plan(rows, settings, menus)
            with replace(context, is_part=True).runner(self.force) as runner:
                run_part(part, cells, runner)

    def checkpoint(self, part: Part) -> Any:
        """Return what submitit queues again if a job is pre-empted or out of time."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, part)
