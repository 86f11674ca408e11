"""Who may do what: codexa.toml, principals, allowed signers, signatures."""
