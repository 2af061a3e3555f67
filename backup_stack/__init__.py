"""What protects: vaults, roles, evidence, the data stores and the plan that backs them up and copies them away."""
