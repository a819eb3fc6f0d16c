"""The command as it is, but for a defect: reading customers fails with everything secret in its words.

With `--window` the window instead, which crashes below Python once it is open.
"""

import asyncio
import contextlib
import faulthandler
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

SECRETS = f"{os.environ['TOKEN_OF_THE_TEST']} and {os.environ['PASSWORD_OF_THE_TEST']}"


async def _customers(_self: object, *_arguments: object) -> Sequence[Any]:
    raise ValueError(f"broken with {SECRETS}") from OSError(f"the driver says {SECRETS}")


async def _crash(*_arguments: object) -> NoReturn:
    from core.config.load import data_folder
    from gui.preferences import Preferences

    preferences = Preferences(data_folder() / "desktop.ini")
    preferences.set("a", "b")
    preferences.sync()
    with contextlib.suppress(ValueError):
        await _customers(None)
    lost = asyncio.ensure_future(_customers(None))
    await asyncio.wait([lost])
    del lost
    sys.stderr.write(f"a library says {SECRETS}\n")
    held_when_it_crashes = SECRETS
    faulthandler._sigsegv()
    raise AssertionError(held_when_it_crashes)


if __name__ == "__main__":
    os.umask(0)
    if "--window" in sys.argv:
        from core.redaction import remember_secret
        from gui import app

        remember_secret(os.environ["TOKEN_OF_THE_TEST"])
        remember_secret(os.environ["PASSWORD_OF_THE_TEST"])
        app._run = _crash
        app.main([])
    else:
        from core.cli import main
        from core.workspace import Workspace

        if "orders" in sys.argv:
            Workspace.customers = _customers
        main()
