"""How fast requests may leave: the account's budgets, the writers of each board, and the size of a request.

`Governor` is the one that callers hold.
"""

from core.monday.limits.day import DayCalls
from core.monday.limits.governor import Governor, GovernorClock, Ticket
from core.monday.limits.hold import Hold
from core.monday.limits.pace import Binding
from core.monday.limits.state import BudgetState

__all__ = ["Binding", "BudgetState", "DayCalls", "Governor", "GovernorClock", "Hold", "Ticket"]
