"""What the platform owns in the AWS account."""
