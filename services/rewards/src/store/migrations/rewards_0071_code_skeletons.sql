-- What is left of a code when look-alikes are one: o and 0, l, i and 1, s and 5, b and 8, rn and m, vv and w, and
-- separators do not count. domain/referral-code.ts says the same; a test compares them.
alter table referral_codes add column skeleton text not null
  generated always as (replace(replace(translate(lower(code), '0158i-_', 'olsbl'), 'rn', 'm'), 'vv', 'w')) stored;

create index referral_codes_by_skeleton on referral_codes (skeleton);
