"""How often Python looks for objects that only cycles keep alive.

Orders, plans and rows of the journal are freed with their last reference. To walk through all of them again
and again while more are made costs a fifth of a plan's time and finds nothing.
"""

import gc

_NEW_OBJECTS = 200_000
"""Between two walks through what is new: more than the two portions of a run that are held at a time."""
_GENERATIONS = (20, 100)
"""Walks through the new before one through the younger of the rest, and of these before one through all."""


def collect_seldom() -> None:
    """Set aside what is loaded by now, and walk through new objects more seldom. For a process of its own.

    Once, at the start of a command. A window keeps its collector itself.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *_GENERATIONS)
