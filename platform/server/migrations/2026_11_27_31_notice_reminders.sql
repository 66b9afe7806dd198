-- Who still asked for what ends shortly before its last day is told once more.
alter table gsb.contract_notice_told add column reminded_at timestamptz;
