"""The book: docs/ as a site that needs no network, built with every warning an error (`make docs`)."""
