"""Keys that one page alone knows, for Help > Keyboard shortcuts: page, keys, what they do."""

PAGE_KEYS = (
    ("Orders", "Space", "check or clear the selected rows"),
    ("Orders", "Ctrl+A", "check all shown"),
    ("Orders", "Ctrl+Shift+A", "clear all checks"),
    ("Mappings", "F2 or Enter", "edit the selected rule, or map the selected column"),
    ("Mappings", "Del", "remove the selected rule"),
    ("Mappings", "Alt+Up or Alt+Down", "move the selected rule"),
    ("Mappings", "Ctrl+N", "add a rule"),
    ("Mappings", "Ctrl+Shift+A", "show the suggestions"),
    ("Mappings", "Ctrl+S", "save"),
)
