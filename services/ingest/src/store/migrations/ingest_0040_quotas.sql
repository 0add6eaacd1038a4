-- On the plan Enterprise: how many events of a month are published at once. Null: no limit.
alter table system_configs
  add column enterprise_events_per_month bigint
    constraint system_configs_events_per_month_are_countable
      check (enterprise_events_per_month between 0 and 9007199254740991);
