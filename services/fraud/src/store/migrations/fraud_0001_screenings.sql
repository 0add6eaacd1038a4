-- One row for each time something was screened. Rows are added, never changed: a second look at a subject is a new row
-- with the next revision, and the highest revision counts.
create table screenings (
  id uuid primary key,
  subject text not null
    constraint screenings_subject_is_known check (subject in ('reward', 'cashout', 'referral')),
  subject_id uuid not null,
  revision integer not null
    constraint screenings_revision_counts_from_one check (revision >= 1),
  decision text not null
    constraint screenings_decision_is_known check (decision in ('passed', 'held', 'failed')),
  at timestamptz not null,
  constraint screenings_one_per_subject_and_revision unique (subject, subject_id, revision)
);

create index screenings_by_decision on screenings (decision, id);

grant select, insert on screenings to :"service_role";
