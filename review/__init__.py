"""The pull-request comment: from the JSON of a preview to Markdown that says what is at risk."""
