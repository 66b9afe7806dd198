-- The columns of table $1 (qualified and quoted) that hold text.
select attname::text as name
from pg_attribute
where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and atttypid = 'text'::regtype
