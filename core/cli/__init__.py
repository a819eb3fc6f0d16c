"""`deltadesk`: the headless command."""

import os


def main() -> None:
    """Run the command line; ends with a documented exit code.

    Files that it makes are its user's alone: they hold orders.
    """
    from core.cli.application import application
    from core.garbage import collect_seldom
    from core.redaction import mask_standard_streams

    os.umask(0o077)
    mask_standard_streams()
    collect_seldom()
    application()
