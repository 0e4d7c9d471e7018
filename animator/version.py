"""The program's version, which every film's folder notes. `pyproject.toml` says the same; a test compares them."""

VERSION = "0.2.0"
