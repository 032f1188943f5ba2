"""What a person reads in the terminal: summaries, lists and single records. Text from packets is data, never markup."""
