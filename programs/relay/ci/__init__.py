"""Steps of the pipeline (``Jenkinsfile``) that are more than one command, each called by a script of ``scripts/ci``."""
