import { acceptInvitation } from './accept-invitation.ts';
import { activate } from './activate.ts';
import { cancelRecovery } from './cancel-recovery.ts';
import { changeApiKey } from './change-api-key.ts';
import { completeRecovery } from './complete-recovery.ts';
import { confirmWebhook } from './confirm-webhook.ts';
import { consentToRecovery } from './consent-to-recovery.ts';
import { createApiKey } from './create-api-key.ts';
import { createOrganization } from './create-organization.ts';
import { createWebhook } from './create-webhook.ts';
import { deactivate } from './deactivate.ts';
import { getActivation } from './get-activation.ts';
import { getAlerts } from './get-alerts.ts';
import { getLimits } from './get-limits.ts';
import { getMe } from './get-me.ts';
import { getOfflineLicenseFile } from './get-offline-license-file.ts';
import { getOrganization } from './get-organization.ts';
import { getProduct } from './get-product.ts';
import { getSubscription } from './get-subscription.ts';
import { getUsage } from './get-usage.ts';
import { grantLicense } from './grant-license.ts';
import { grantLicenses } from './grant-licenses.ts';
import { health } from './health.ts';
import { heartbeat } from './heartbeat.ts';
import { invite } from './invite.ts';
import { issueOfflineLicense } from './issue-offline-license.ts';
import { jwks } from './jwks.ts';
import { listActivations } from './list-activations.ts';
import { listApiKeys } from './list-api-keys.ts';
import { listAuditEvents } from './list-audit-events.ts';
import { listInvitations } from './list-invitations.ts';
import { listLicensedUsers } from './list-licensed-users.ts';
import { listMachines } from './list-machines.ts';
import { listMembers } from './list-members.ts';
import { listOfflineLicenses } from './list-offline-licenses.ts';
import { listOrganizations } from './list-organizations.ts';
import { listProducts } from './list-products.ts';
import { listRecoveries } from './list-recoveries.ts';
import { listSessions } from './list-sessions.ts';
import { listSoldSubscriptions } from './list-sold-subscriptions.ts';
import { listSubscriptions } from './list-subscriptions.ts';
import { listVendorAuditEvents } from './list-vendor-audit-events.ts';
import { listWebhookDeliveries } from './list-webhook-deliveries.ts';
import { listWebhooks } from './list-webhooks.ts';
import { listYourInvitations } from './list-your-invitations.ts';
import { listYourLicenses } from './list-your-licenses.ts';
import { openapiDocument } from './openapi-document.ts';
import type { Operation } from './operation.ts';
import { redeliverWebhook } from './redeliver-webhook.ts';
import { removeLicense } from './remove-license.ts';
import { removeMachine } from './remove-machine.ts';
import { removeMachineLicense } from './remove-machine-license.ts';
import { removeMember } from './remove-member.ts';
import { removeProduct } from './remove-product.ts';
import { removeWebhook } from './remove-webhook.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import { revokeInvitation } from './revoke-invitation.ts';
import { rotateWebhookSecret } from './rotate-webhook-secret.ts';
import { setAlerts } from './set-alerts.ts';
import { setLimits } from './set-limits.ts';
import { setMember } from './set-member.ts';
import { setProduct } from './set-product.ts';
import { setSubscription } from './set-subscription.ts';
import { startRecovery } from './start-recovery.ts';
import { testAlerts } from './test-alerts.ts';
import { testWebhook } from './test-webhook.ts';
import { transferActivation } from './transfer-activation.ts';
import { transferLicense } from './transfer-license.ts';
import { voidOfflineLicense } from './void-offline-license.ts';

/** Every operation of the HTTP API, in the order in which the documents show them. */
export const operations: readonly Operation[] = [
  activate,
  heartbeat,
  deactivate,
  getActivation,
  listActivations,
  listLicensedUsers,
  grantLicense,
  grantLicenses,
  removeLicense,
  transferLicense,
  transferActivation,
  listMachines,
  removeMachine,
  removeMachineLicense,
  issueOfflineLicense,
  listOfflineLicenses,
  getOfflineLicenseFile,
  voidOfflineLicense,
  listSessions,
  getUsage,
  setSubscription,
  getSubscription,
  listSubscriptions,
  getAlerts,
  setAlerts,
  testAlerts,
  getMe,
  listSoldSubscriptions,
  setProduct,
  listProducts,
  getProduct,
  removeProduct,
  listVendorAuditEvents,
  listYourLicenses,
  createOrganization,
  listOrganizations,
  getOrganization,
  getLimits,
  setLimits,
  listMembers,
  setMember,
  removeMember,
  invite,
  listInvitations,
  revokeInvitation,
  listYourInvitations,
  acceptInvitation,
  startRecovery,
  listRecoveries,
  consentToRecovery,
  cancelRecovery,
  completeRecovery,
  createApiKey,
  listApiKeys,
  changeApiKey,
  revokeApiKey,
  listAuditEvents,
  createWebhook,
  confirmWebhook,
  listWebhooks,
  removeWebhook,
  rotateWebhookSecret,
  listWebhookDeliveries,
  redeliverWebhook,
  testWebhook,
  health,
  openapiDocument,
  jwks,
];
