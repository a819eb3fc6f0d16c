"""From the wide staging table to the delta tables: detect, merge headers, unpivot sizes. Set-based, in SQL."""
