"""What a board refuses to leave empty: its required columns (docs/validation-rules-guide)."""

from collections.abc import Mapping
from typing import Any

VALIDATIONS_QUERY = """query Validations($id: ID!) {
  validations(id: $id, type: board) { required_column_ids rules }
}"""
"""Asked once for each board; `null` means none, or an account without the feature (both look the same)."""


def required_column_ids(data: Mapping[str, Any]) -> frozenset[str]:
    """Ids of the required columns in an answer to the query; conditional rules are not among them."""
    validations = data.get("validations") or {}
    return frozenset(str(name) for name in validations.get("required_column_ids") or ())
