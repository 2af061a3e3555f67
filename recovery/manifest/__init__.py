"""Writing manifests: every store is measured when a rule starts a backup. What a manifest is, is `recovery.verify.manifest`'s."""
