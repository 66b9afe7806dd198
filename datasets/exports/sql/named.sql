-- Which of the objects $1 some release or some request still names.
select sha256 from gsb.export_part where sha256 = any($1::text[])
union
select part ->> 4
from gsb.export_request as request, jsonb_array_elements(request.parts) as part
where part ->> 4 = any($1::text[])
