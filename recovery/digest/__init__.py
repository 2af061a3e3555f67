"""The daily digest of a region, also when all is well: gathered (`gathering`), as a value (`digest`), in words (`page`)."""
