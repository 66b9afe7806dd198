-- What the database itself must bring: trigrams, for search in Persian text. Start-up refuses a locale that breaks them.

create extension if not exists pg_trgm;
