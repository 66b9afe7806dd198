-- Waits until every change of keys under way has ended, and lets none begin before this transaction ends: no key slips
-- through a revocation of many. Readers are not held up.
lock table gsb.api_key in exclusive mode
