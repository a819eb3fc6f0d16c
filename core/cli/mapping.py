"""`deltadesk mapping`: the saved versions of a profile's mapping, and what another one would change."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from core.cli.check import OrderBar
from core.cli.context import ConfigOption, JsonOption, ProfileOption, with_workspace
from core.cli.output import console, messages, print_json, table
from core.config.load import load_configuration, profile_of
from core.errors import ConfigurationError, ExitCode, Problem
from core.workspace import Workspace
from core.workspace.impact import Impact, ImpactSample

mapping = typer.Typer(
    name="mapping", help="Versions of the mapping, and what a change would do.", no_args_is_help=True
)

NumberArgument = Annotated[int, typer.Argument(metavar="N", help="A version's number.", min=1)]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Restore without asking.")]


@mapping.command()
def versions(
    *, config: ConfigOption = None, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """List the saved versions, newest first; the mark stands at what the file says now."""

    async def work(workspace: Workspace) -> ExitCode:
        found = await workspace.mapping_versions()
        if as_json:
            listed = [{**asdict(each), "saved_at": each.saved_at.isoformat()} for each in found]
            print_json(
                {
                    "profile": workspace.profile.name,
                    "mapping": workspace.profile.mapping,
                    "versions": listed,
                }
            )
            return ExitCode.SYNCED
        shown = table(("", "left"), ("Version", "right"), ("Saved", "left"), ("By", "left"), ("Note", "left"))
        for each in found:
            saved = each.saved_at.strftime("%Y-%m-%d %H:%M UTC")
            mark = "*" if each.current else ""
            shown.add_row(mark, str(each.number), saved, escape(each.worker), escape(each.note))
        console.print(
            shown if found else "No version was saved yet: the first run keeps the mapping that it uses."
        )
        return ExitCode.SYNCED

    with_workspace(config, profile, work, as_json=as_json)


@mapping.command()
def show(
    number: NumberArgument,
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a version's rules as the configuration file had them; with --json the mapping itself."""

    async def work(workspace: Workspace) -> ExitCode:
        if as_json:
            kept = await workspace.mapping_of_version(number)
            content = kept.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            print_json({"version": number, "mapping": content})
        else:
            typer.echo(await workspace.mapping_version_text(number))
        return ExitCode.SYNCED

    with_workspace(config, profile, work, as_json=as_json)


@mapping.command()
def diff(
    before: Annotated[int, typer.Argument(metavar="A", help="The earlier version.", min=1)],
    after: Annotated[int, typer.Argument(metavar="B", help="The later version.", min=1)],
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say in words what differs between two versions."""

    async def work(workspace: Workspace) -> ExitCode:
        changes = await workspace.compare_mapping_versions(before, after)
        if as_json:
            print_json({"before": before, "after": after, "changes": list(changes)})
            return ExitCode.SYNCED
        for change in changes:
            console.print(escape(change))
        if not changes:
            console.print(f"Versions {before} and {after} are the same.")
        return ExitCode.SYNCED

    with_workspace(config, profile, work, as_json=as_json)


@mapping.command()
def restore(
    number: NumberArgument,
    *,
    yes: YesOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a version's mapping into the configuration file, where it becomes the newest version."""

    async def work(workspace: Workspace) -> ExitCode:
        wanted = await workspace.mapping_of_version(number)
        with OrderBar("Comparing", shown=not as_json) as progress:
            change = await workspace.mapping_impact(wanted, progress)
        if not as_json:
            messages.print(f"{change}.")
        _confirm(workspace, number, yes=yes)
        await workspace.restore_mapping_version(number)
        newest = (await workspace.mapping_versions())[0]
        if as_json:
            print_json({"restored": number, "version": newest.number, "impact": impact_json(change)})
        else:
            console.print(f"Version {number} is restored, as {newest}.")
        return ExitCode.SYNCED

    with_workspace(config, profile, work, as_json=as_json)


@mapping.command()
def impact(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A configuration file with the change.")],
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what the mapping in another configuration file would change about the pending orders."""

    async def work(workspace: Workspace) -> ExitCode:
        other = profile_of(load_configuration(file), workspace.profile.name)
        with OrderBar("Comparing", shown=not as_json) as progress:
            change = await workspace.mapping_impact(other.mapping_set, progress)
        if as_json:
            print_json(impact_json(change))
        else:
            print_impact(change)
        return ExitCode.SYNCED

    with_workspace(config, profile, work, as_json=as_json)


def print_impact(change: Impact) -> None:
    """How many records change, in which columns, with samples."""
    console.print(f"{change}.")
    if change.stays_invalid:
        console.print(f"{change.stays_invalid:,} are refused with either mapping.")
    if change.columns:
        shown = table(("Board column", "left"), ("Of", "left"), ("Changed", "right"))
        for column in change.columns:
            shown.add_row(escape(column.column), column.record.value, f"{column.count:,}")
        console.print(shown)
    for sample in change.samples:
        console.print(
            f"{sample.kind.value}: {sample.record.value} {escape(sample.label)}, {escape(sample.column)}: "
            f"{escape(_words(sample.before))} -> {escape(_words(sample.after))}"
        )


def impact_json(change: Impact) -> dict[str, Any]:
    """The documented JSON object of an impact."""

    def sample_json(sample: ImpactSample) -> dict[str, Any]:
        return {**asdict(sample), "kind": sample.kind.value, "record": sample.record.value}

    return {
        **asdict(change),
        "unchanged": change.unchanged,
        "columns": [{**asdict(column), "record": column.record.value} for column in change.columns],
        "samples": [sample_json(sample) for sample in change.samples],
    }


def _words(value: str) -> str:
    return f"'{value}'" if value else "(empty)"


def _confirm(workspace: Workspace, number: int, *, yes: bool) -> None:
    """Ask before the file is written. Raises ConfigurationError where nobody can answer."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigurationError(
            Problem(
                "not_confirmed",
                "Restoring a version must be confirmed, and nobody is there to ask",
                f"profile {workspace.profile.name}",
                "Add --yes, or look first with: deltadesk mapping diff",
            )
        )
    path, name = workspace.configuration.path, workspace.profile.mapping
    question = f"Write version {number} of the mapping {name} into {path}?"
    if not typer.confirm(question, default=False, err=True):
        messages.print("Nothing was changed.")
        raise typer.Exit(ExitCode.USAGE.value)
