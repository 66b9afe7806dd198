-- What a shortcut reads for one record is part of its price: how many rows of the link dataset lead to the record that
-- most of them lead to, counted when either side is released.

alter table gsb.link_match
  add column most bigint check (most between 0 and row_count);   -- null: no shortcut comes in by it, or of before
