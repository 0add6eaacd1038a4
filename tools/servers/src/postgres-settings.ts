/** Good for a small machine that many share. Without `durable` a crash of the machine may lose everything: tests only. */
export function settings(durable: boolean): Record<string, string> {
  const always = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // Six services with their pools, and a test run's many databases, on a small machine.
    max_connections: '300',
    shared_buffers: '256MB',
    huge_pages: 'off',
    // A query over a year of daily and monthly partitions locks each of them.
    max_locks_per_transaction: '256',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    jit: 'off',
    log_line_prefix: '%m [%p] %q%u@%d ',
    log_lock_waits: 'on',
  }
  if (durable) return always
  return { ...always, fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum_naptime: '10min' }
}
