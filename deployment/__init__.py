"""From a checkout to AWS: the functions' bundle, the order of a deployment, releases of the services."""
