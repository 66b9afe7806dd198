-- Which organisation each application belongs to, as the accounts of quotas know it.
select distinct application_id, organisation_id from gsb.quota_account
