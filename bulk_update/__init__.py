"""Make a Callbell account agree with a spreadsheet of contacts."""

__version__ = "0.1.0"
