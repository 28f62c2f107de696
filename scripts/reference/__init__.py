"""The reference pages that the code writes itself, one file for each. `make reference` writes them all."""
