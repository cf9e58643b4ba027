"""IAM documents, trusts, and roles of service accounts."""
