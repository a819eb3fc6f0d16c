"""`deltadesk db`: the application's own tables."""

from typing import Annotated

import typer

from core.cli.context import ConfigOption, JsonOption, ProfileOption, configuration_of, run_command
from core.cli.output import console, print_json
from core.config.load import expand, profile_of
from core.errors import ExitCode
from core.orders import schema
from core.orders.database import connect

database = typer.Typer(
    name="db", help="The application's own tables beside the delta tables.", no_args_is_help=True
)


@database.command()
def status(
    *, config: ConfigOption = None, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Say which version the tables have, and which this program needs."""

    async def work() -> ExitCode:
        engine = connect(expand(profile_of(configuration_of(config), profile).database_url))
        try:
            present = schema.present_version(engine)
        finally:
            engine.dispose()
        wanted = schema.wanted_version()
        if as_json:
            print_json({"present": present, "wanted": wanted, "ready": present == wanted})
        elif present == wanted:
            console.print(f"The tables have version {present}, as needed.")
        else:
            console.print(
                f"The tables have version {present or 'none'}, version {wanted} is needed: "
                "deltadesk db upgrade"
            )
        return ExitCode.SYNCED if present == wanted else ExitCode.RECORDS_FAILED

    run_command(work(), as_json=as_json)


@database.command()
def upgrade(*, config: ConfigOption = None, profile: ProfileOption = None) -> None:
    """Bring the tables to the version that this program needs."""

    async def work() -> ExitCode:
        engine = connect(expand(profile_of(configuration_of(config), profile).database_url))
        try:
            schema.upgrade(engine)
        finally:
            engine.dispose()
        console.print(f"The tables have version {schema.wanted_version()}.")
        return ExitCode.SYNCED

    run_command(work(), as_json=False)


@database.command()
def sql(
    *,
    config: ConfigOption = None,
    profile: ProfileOption = None,
    dialect: Annotated[
        str | None, typer.Option("--dialect", help="mssql, mariadb or sqlite; default: the profile's.")
    ] = None,
) -> None:
    """Print the script that makes the tables, for a database administrator. Needs no connection."""

    async def work() -> ExitCode:
        name = dialect
        if name is None:
            url = profile_of(configuration_of(config), profile).database_url
            name = url.split(":", 1)[0].split("+", 1)[0]
        typer.echo(schema.offline_sql(name))
        return ExitCode.SYNCED

    run_command(work(), as_json=False)
