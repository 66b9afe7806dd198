-- Whoever adds or ends a signing key does so alone; readers are not held up.
lock table gsb.signing_key in share row exclusive mode
