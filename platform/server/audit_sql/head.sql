-- How long the chain is and the hash of its last link: one row.
select seq, hash from gsb.audit_head
