-- Data requests: anybody asks an agency for data, a statutory clock runs, and what came of it is public. Whoever asked is
-- known by an address at most, which nobody is shown and which is forgotten a month after the last step.

create table gsb.data_request (
  id bigint generated always as identity primary key,
  agency_id bigint not null references gsb.agency,
  dataset_id bigint references gsb.dataset,    -- that it is about; null when there is none yet
  title text not null check (char_length(title) <= 150),
  body text not null check (char_length(body) <= 4000),
  contact text check (char_length(contact) <= 254),
  state text not null
    check (state in ('open', 'acknowledged', 'released', 'partly_released', 'not_held', 'refused',
                     'refused_without_ground', 'no_answer', 'removed')),
  asked_at timestamptz not null,
  due_at timestamptz not null,                 -- the end of the clock
  calendar text not null,                      -- by which working days were counted
  reminded_at timestamptz,
  answered_at timestamptz,                     -- the first answer
  answered_working_days integer,
  changed_at timestamptz not null,
  constraint clock_ends_after_it_began check (due_at > asked_at),
  constraint answered_in_working_days check ((answered_at is null) = (answered_working_days is null)),
  constraint removed_without_words check (state <> 'removed' or (title = '' and body = '' and contact is null))
);
create index data_request_of_agency on gsb.data_request (agency_id, id);
create index data_request_running on gsb.data_request (due_at) where state in ('open', 'acknowledged');
create index data_request_contact on gsb.data_request (changed_at) where contact is not null;

-- What happened to it, each dated at its moment: the end of the clock at the end of the clock, whenever it was written.
create table gsb.data_request_step (
  request_id bigint not null references gsb.data_request,
  number integer not null,
  state text not null,
  at timestamptz not null,
  by text not null check (by in ('public', 'agency', 'operator', 'clock')),
  legal_ground text,
  message text check (char_length(message) <= 2000),
  dataset_id bigint references gsb.dataset,    -- that was released
  primary key (request_id, number),
  constraint ground_of_a_refusal check (
    (legal_ground is not null) = (state in ('refused', 'partly_released'))
  ),
  constraint dataset_of_a_release check ((dataset_id is not null) = (state in ('released', 'partly_released')))
);
