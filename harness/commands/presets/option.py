"""`--preset`: where settings come from, and the defaults of other options."""

import click

from harness.config import preset_options


def _use_options_of(context: click.Context, option: click.Option, preset: str | None) -> str | None:
    """Make the options that a preset names the defaults of the command, as far as it has them."""
    if preset is None:
        return None
    wanted = preset_options(preset)
    defaults = dict(context.default_map or {})
    for parameter in context.command.params:
        for name in wanted.keys() & {flag.removeprefix("--") for flag in parameter.opts}:
            value = wanted[name]
            many = isinstance(parameter, click.Option) and parameter.multiple
            defaults[str(parameter.name)] = [str(value)] if many else value
    context.default_map = defaults
    return preset


preset_option = click.option(
    "--preset",
    is_eager=True,  # before the options whose defaults it sets
    callback=_use_options_of,
    help="Preset of all settings: quick, tuned, paper, one of the paper's experiments "
    "(paper-scifact, paper-fiqa, paper-nq320k, paper-msmarco) or a TOML file.  "
    "[default: quick]",
)
"""The option of every command that trains and measures."""
