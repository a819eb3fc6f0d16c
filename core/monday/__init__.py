"""monday.com's API: documents, one client, its errors and limits, and a board's structure."""
