-- Forgets the documents that no worker had to look up for $1 days, whoever kept them; a full scan, for now and then.
delete from gsb.persisted_document where used_on < current_date - $1::int
