"""Orders and order lines, and the store that reads them and writes their states back."""
