"""The pages of the window: one file a page, a view each."""
