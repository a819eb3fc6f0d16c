"""`deltadesk`: the headless command."""


def main() -> None:
    """Run the command line; ends with a documented exit code."""
    from core.cli.application import application

    application()
