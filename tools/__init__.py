"""Checks of the source and generators of documents; nothing here is part of the product."""
