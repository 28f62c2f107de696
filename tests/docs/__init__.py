"""The documentation: it is whole, it is true, its links lead somewhere, and the book of it can be made."""
