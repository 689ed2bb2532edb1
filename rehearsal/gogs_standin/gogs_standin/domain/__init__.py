"""What users, repositories and issues are, as rows and files. Every function takes the session of one transaction."""
