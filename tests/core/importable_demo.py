"""The demo's mapping without the columns that a bulk import cannot fill."""

from core.demo.testing import DemoDesk

NOT_IMPORTABLE = ("checkbox", "country", "week")


def map_importable_columns_alone(desk: DemoDesk) -> None:
    """Take the rules of other columns out of the desk's configuration."""
    head, *blocks = desk.configuration_file.read_text(encoding="utf-8").split("\n[")
    kept = [
        block
        for block in blocks
        if not (block.startswith("[") and any(f'type = "{name}"' in block for name in NOT_IMPORTABLE))
    ]
    desk.configuration_file.write_text("\n[".join([head, *kept]), encoding="utf-8")
