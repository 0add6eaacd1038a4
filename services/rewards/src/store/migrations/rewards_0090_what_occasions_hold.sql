-- Migration 32 said that occasions hold no personal data. What rules do not see (`email`, `name`, `ip`, `deviceId`, `phone`,
-- `address`) is not there; everything else of an event's data is, under whatever name its sender wrote it.
comment on table occasions is
  'Holds data as senders wrote it, without the fields that rules do not see; so it may be personal, and erase_person looks into it.';
