-- How many events of a month count against its quota. Every commit of the intake adds a row here, in the same statement, so
-- the count is exact and nobody waits for anybody; a job adds them up.
create table usage_counts (
  -- Its first day, UTC.
  month date not null,
  used int not null,
  -- Of these, accepted over the quota.
  deferred int not null,
  -- Deferred ones that went out after all.
  released int not null
);

create table usage_months (
  month date not null,
  used bigint not null,
  deferred bigint not null,
  released bigint not null,
  constraint usage_months_are_added_up_once primary key (month)
);

-- What each process of the intake may still publish at once without asking. Reserved until it is given back or ends.
create table quota_leases (
  process uuid not null,
  month date not null,
  units int not null
    constraint quota_leases_are_not_negative check (units >= 0),
  expires_at timestamptz not null,
  constraint quota_leases_one_per_process_and_month primary key (process, month)
);

-- What the admin was told, so that one process tells it once.
create table quota_notices (
  month date not null,
  quota bigint not null,
  percent int not null,
  at timestamptz not null,
  constraint quota_notices_are_told_once primary key (month, quota, percent)
);

grant select, insert, delete on usage_counts to :"service_role";
grant select, insert, update on usage_months to :"service_role";
grant select, insert, update, delete on quota_leases to :"service_role";
grant select, insert on quota_notices to :"service_role";
