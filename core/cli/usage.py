"""Wrong usage where JSON is asked for: told on standard output, in the form of every other error."""

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from core.cli.output import print_error
from core.errors import ConfigurationError, Problem

_AS_JSON = "deltadesk.as_json"


class Commands(TyperGroup):
    """The commands of a program that answers `--json` with one JSON object, whatever else it is given."""

    def make_context(self, info_name: str | None, args: list[str], *others: Any, **extra: Any) -> Any:
        """Read the words before the command. Raises Exit where they are wrong and that has been told."""
        as_json = _asks_for_json(args)
        try:
            context = super().make_context(info_name, args, *others, **extra)
        except typer.TyperException as error:
            if not as_json:
                raise  # typer draws a box for a person
            raise _told(error, info_name or "deltadesk") from error
        context.meta[_AS_JSON] = as_json
        return context

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises Exit where its words are wrong and that has been told."""
        try:
            return super().invoke(ctx)
        except typer.TyperException as error:
            if not ctx.meta[_AS_JSON]:
                raise
            raise _told(error, f"{ctx.command_path} {ctx.invoked_subcommand or ''}".strip()) from error


def _asks_for_json(words: Sequence[str]) -> bool:
    """Whether `--json` is among the options. What stands behind `--` is none."""
    options = words[: words.index("--")] if "--" in words else words
    return "--json" in options


def _told(error: typer.TyperException, path: str) -> typer.Exit:
    """Print the error and return what to raise. `path` are the command's words, where it knows none."""
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else path
    problem = Problem("wrong_usage", error.format_message(), where, f"{where} --help says what can be given.")
    print_error(ConfigurationError(problem), as_json=True)
    return typer.Exit(error.exit_code)
