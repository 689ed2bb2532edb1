"""The sections of the report. Each module builds the values that its template shows, and does no input or output."""
