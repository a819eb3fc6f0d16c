"""The demo: seeded orders, and the practice board that they are pushed to."""
