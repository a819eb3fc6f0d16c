"""From the wide staging table to the delta tables: detect changes, merge headers, unpivot sizes, in SQL."""
