"""What Splitplane does in an AWS account outside of a Pulumi program; nothing is loaded here."""
