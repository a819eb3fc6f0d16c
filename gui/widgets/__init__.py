"""Small pieces every page is made of. They know the theme and nothing of orders or boards."""
