-- Days before $1.
delete from gsb.demand_day where day < $1::date
