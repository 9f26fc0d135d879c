"""The names of the report formats, apart from their code so that the command line need not load it."""

FORMATS = ("text", "json")
