"""The deprecated `settings_str`, which older clients still read; its layout differs from `settings`."""

from typing import Any

from core.sandbox.column_values.palette import status_hex
from core.sandbox.state import dump
from core.sandbox.structure import Column


def settings_text(column: Column) -> str:
    """Return a column's settings as JSON text in the layout from before 2025-10."""
    settings = dict(column.settings)
    labels: list[dict[str, Any]] = settings.get("labels") or []
    if column.type == "status":
        settings = {
            "labels": {str(label["id"]): label["label"] for label in labels},
            "labels_positions_v2": {str(label["id"]): label.get("index", 0) for label in labels},
            "labels_colors": {
                str(label["id"]): {
                    "color": status_hex(label.get("color"), label.get("hex")),
                    "var_name": str(label.get("color", "")),
                }
                for label in labels
            },
            "done_colors": [label["id"] for label in labels if label.get("is_done")],
        }
    elif column.type == "dropdown":
        settings["labels"] = [{"id": label["id"], "name": label["label"]} for label in labels]
    return dump(settings)
