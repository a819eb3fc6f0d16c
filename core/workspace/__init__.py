"""One open profile: its store, board, mapping and engine, wired. The window and the command use it."""

from core.workspace.checks import CheckResult
from core.workspace.failures import FailureDetail
from core.workspace.mapping import MappingFinding, MappingPreview
from core.workspace.workspace import Workspace

__all__ = ["CheckResult", "FailureDetail", "MappingFinding", "MappingPreview", "Workspace"]
