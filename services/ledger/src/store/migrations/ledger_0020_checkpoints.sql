-- The chain's end, signed every minute with a key that is not in this database, over all batches since the checkpoint before.
-- Whoever may rewrite every table still cannot sign what they wrote. hash: of the text that is signed (docs/proofs.md), and
-- what the next one names as its previous.
create table checkpoints (
  sequence bigint primary key,
  first_batch bigint not null,
  last_batch bigint not null constraint checkpoints_end_at_a_batch_of_their_own unique,
  chain_hash bytea not null,
  last_transfer bigint not null,
  transfers bigint not null constraint checkpoints_count_transfers check (transfers >= 0),
  tree_root bytea not null,
  posted_up_to timestamptz not null,
  signed_at timestamptz not null,
  previous bytea not null,
  key_id text not null constraint checkpoints_name_a_key check (key_id ~ '^[0-9a-f]{16}$'),
  hash bytea not null,
  signature bytea not null,
  constraint checkpoints_cover_a_batch check (last_batch >= first_batch),
  constraint checkpoints_have_sha256_hashes
    check (length(chain_hash) = 32 and length(tree_root) = 32 and length(previous) = 32 and length(hash) = 32),
  constraint checkpoints_have_an_ed25519_signature check (length(signature) = 64)
);

-- No gap, no overlap, and nothing that the chain does not say, whoever inserts.
create function refuse_loose_checkpoints() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  before checkpoints;
begin
  select * into before from checkpoints order by sequence desc limit 1;
  if new.sequence <> coalesce(before.sequence, 0) + 1 or new.first_batch <> coalesce(before.last_batch, 0) + 1
    or new.previous <> coalesce(before.hash, decode(repeat('00', 32), 'hex'))
    or new.transfers <> new.last_transfer - coalesce(before.last_transfer, 0)
    or not exists (
      select from batches b where b.number = new.last_batch and b.hash = new.chain_hash
        and b.last_transfer = new.last_transfer and b.posted_at = new.posted_up_to
    )
  then
    raise exception 'a checkpoint follows from the one before it and ends at a batch of the chain'
      using errcode = 'check_violation', constraint = 'checkpoints_follow_one_another';
  end if;
  return new;
end $$;

create trigger checkpoints_follow_one_another before insert on checkpoints
  for each row execute function refuse_loose_checkpoints();

select keep_append_only(array['checkpoints']);

-- One signer at a time; an export takes it, too, so that no checkpoint that was signed before it is committed after it.
create function lock_checkpoints() returns void
language sql set search_path = pg_catalog, pg_temp as $$
  select pg_advisory_xact_lock(hashtextextended('ledger checkpoints', 0))
$$;

grant select, insert on checkpoints to :"service_role";
grant execute on function lock_checkpoints() to :"service_role";
