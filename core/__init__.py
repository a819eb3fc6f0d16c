"""DeltaDesk's engine: pending order deltas from a database onto a monday.com board. It imports no Qt."""

__version__ = "0.1.0"
