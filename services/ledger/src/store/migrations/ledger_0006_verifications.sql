-- What each verification of the books looked at and found. Kept like the books themselves.
create table verifications (
  id uuid primary key,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  status text not null constraint verifications_have_a_known_status check (status in ('passed', 'failed', 'incomplete')),
  result jsonb not null
);

create index verifications_by_time on verifications (started_at desc);

select keep_append_only(array['verifications']);

grant select, insert on verifications to :"service_role";
