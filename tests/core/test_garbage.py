"""How often the collector runs: only in a process of its own, for the setting is the whole process's."""

import subprocess
import sys

SCRIPT = """
import gc, weakref
from core.garbage import collect_seldom

class Node:
    pass

before = gc.get_threshold()
collect_seldom()
assert gc.isenabled() and gc.get_threshold()[0] > before[0] and gc.get_freeze_count() > 0
node = Node()
node.itself = node
gone = weakref.ref(node)
del node
kept = [[] for _ in range(gc.get_threshold()[0] + 10)]
assert gone() is None
"""


def test_new_objects_are_walked_through_more_seldom_and_cycles_among_them_still_go():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
