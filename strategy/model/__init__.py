"""The strategy file as frozen, validated types: loading, and errors that name file, key, value and what is allowed."""
