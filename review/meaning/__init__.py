"""What a change means, by the kind of content: lines of Markdown for one resource."""
