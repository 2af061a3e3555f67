"""The daily digest of a region, also when all is well: gathered (`inputs`), as a value (`digest`), in words (`page`)."""
