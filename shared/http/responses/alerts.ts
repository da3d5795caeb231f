import type * as z from 'zod';
import type { Alerts } from '../../contracts/schemas/alerts.ts';
import { utc } from '../../domain/activation.ts';
import { type Alert, noAlerts } from '../../domain/outbox/alert.ts';

/** Returns the alerts of a product as the API shows them. */
export const alertsBody = (alert: Alert | undefined): z.input<typeof Alerts> => {
  const { usePercent, useMinutes, waitMinutes } = alert ?? noAlerts;
  return {
    usePercent,
    useMinutes,
    waitMinutes,
    useRaisedAt: alert?.state?.use ? utc(alert.state.use.at) : null,
    waitRaisedAt: alert?.state?.wait ? utc(alert.state.wait.at) : null,
  };
};
