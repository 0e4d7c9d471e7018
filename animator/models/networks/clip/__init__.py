"""OpenAI's CLIPs: reading their files (`archive`, `clip_file`), building them (`package`), running them (`towers`)."""
