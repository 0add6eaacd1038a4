-- Proofs and exports write an instant with four digits of years. One outside of them could be posted, and then its batch and
-- all after it never signed. What was posted before is not looked at: no transfer of it is changed by this.
alter table transfers add constraint transfers_take_effect_in_the_years_1_to_9999
  check (effective_at >= '0001-01-01 00:00:00+00' and effective_at < '10000-01-01 00:00:00+00') not valid;
