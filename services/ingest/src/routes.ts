import type { Route } from '@tributary/service-kit'
import { cancelReplay } from './http/cancel-replay.ts'
import { changeSystemConfig } from './http/change-system-config.ts'
import { createReplay } from './http/create-replay.ts'
import { exportEvents } from './http/export-events.ts'
import { getDigest } from './http/get-digest.ts'
import { getEvent } from './http/get-event.ts'
import { getReceipt } from './http/get-receipt.ts'
import { getReplay } from './http/get-replay.ts'
import { getSystemConfig } from './http/get-system-config.ts'
import { getUsage } from './http/get-usage.ts'
import type { Intake } from './http/intake.ts'
import { listAdapters } from './http/list-adapters.ts'
import { listEvents } from './http/list-events.ts'
import { listReceiptKeys } from './http/list-receipt-keys.ts'
import { listRejections } from './http/list-rejections.ts'
import { listReplays } from './http/list-replays.ts'
import { receiveWebhooks } from './http/receive-webhook.ts'
import { replayEvent } from './http/replay-event.ts'
import { resealSecrets } from './http/reseal-secrets.ts'
import { rotateWebhookSecret } from './http/rotate-webhook-secret.ts'
import { setAdapterSecret } from './http/set-adapter-secret.ts'
import { verifyWebhook } from './http/verify-webhook.ts'
import type { SigningKeys } from './proof/keys.ts'

/** What ingest answers. */
export const routes = (intake: Intake, keys: SigningKeys): readonly Route[] => [
  ...receiveWebhooks(intake),
  listEvents,
  getEvent,
  exportEvents,
  getReceipt(keys),
  getDigest,
  listReceiptKeys(keys),
  replayEvent,
  createReplay,
  listReplays,
  getReplay,
  cancelReplay,
  listRejections,
  verifyWebhook(intake),
  getSystemConfig(intake),
  changeSystemConfig(intake),
  rotateWebhookSecret(intake),
  getUsage(intake),
  listAdapters(intake),
  setAdapterSecret(intake),
  resealSecrets(intake),
]
