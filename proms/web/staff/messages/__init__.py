"""The messages of a site."""
