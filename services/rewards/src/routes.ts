import type { Route } from '@tributary/service-kit'
import { activateRule } from './http/activate-rule.ts'
import { backtestRules } from './http/backtest-rules.ts'
import { createImport } from './http/create-import.ts'
import { createReferral } from './http/create-referral.ts'
import { createReferralCode } from './http/create-referral-code.ts'
import { createRule } from './http/create-rule.ts'
import { createRuleVersion } from './http/create-rule-version.ts'
import { createUser } from './http/create-user.ts'
import { erasePersonalData } from './http/erase-personal-data.ts'
import { exportPeople } from './http/export-people.ts'
import { getAttributionSettings } from './http/get-attribution-settings.ts'
import { getReferral } from './http/get-referral.ts'
import { getReferralCode } from './http/get-referral-code.ts'
import { reports } from './http/get-report.ts'
import { getReward } from './http/get-reward.ts'
import { getRule } from './http/get-rule.ts'
import { getUser } from './http/get-user.ts'
import { holdReward } from './http/hold-reward.ts'
import { listDecisions } from './http/list-decisions.ts'
import { listReferralCodes } from './http/list-referral-codes.ts'
import { listReferrals } from './http/list-referrals.ts'
import { listRewards } from './http/list-rewards.ts'
import { listRules } from './http/list-rules.ts'
import { listUsers } from './http/list-users.ts'
import { putAttributionSettings } from './http/put-attribution-settings.ts'
import { rejectReferral } from './http/reject-referral.ts'
import { resumeReward } from './http/resume-reward.ts'
import { retireRule } from './http/retire-rule.ts'
import { reverseReward } from './http/reverse-reward.ts'
import { simulateRules } from './http/simulate-rules.ts'

const people = [
  createUser,
  getUser,
  listUsers,
  createReferralCode,
  getReferralCode,
  listReferralCodes,
  createReferral,
  listReferrals,
  getReferral,
  rejectReferral,
  erasePersonalData,
]
const rules = [
  createRule,
  listRules,
  getRule,
  createRuleVersion,
  activateRule,
  retireRule,
  simulateRules,
  backtestRules,
  getAttributionSettings,
  putAttributionSettings,
]
const rewards = [listRewards, getReward, reverseReward, holdReward, resumeReward, listDecisions]

/** Everything that the service can be asked over HTTP. */
export const routes: readonly Route[] = [...people, ...rules, ...rewards, ...reports, createImport, exportPeople]
