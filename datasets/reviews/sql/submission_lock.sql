-- Its row until commit, so that two decisions on it follow one another.
select id from gsb.submission where id = $1::text for update
