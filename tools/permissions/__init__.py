"""docs/permissions.md: who may call what on which resources, read from the synthesised template of a region's dr stack."""
