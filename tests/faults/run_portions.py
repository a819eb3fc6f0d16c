"""The command hurried as `run_hurried` has it, in portions so small that a few orders take several."""

from datetime import timedelta

from core.cli import main
from core.sync import reconcile
from core.workspace import streaming

SMALL = streaming.PortionSize(orders=4, records=12)
"""Four orders of two lines each."""

if __name__ == "__main__":
    reconcile.EXECUTION = timedelta(seconds=1)
    streaming.PortionSize.of = lambda _options: SMALL
    main()
