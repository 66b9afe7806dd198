-- What ended workers left counts in no window any more.
delete from gsb.window_seed where epoch = 0 and at < now() - interval '2 hours'
