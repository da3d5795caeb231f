import { setSubscription as contract } from '../shared/contracts/set-subscription.ts';
import { defaultReserveOnline } from '../shared/domain/offline.ts';
import { notInCatalogue } from '../shared/http/problems/catalogue-problem.ts';
import { contended, invalid, notFound, Problem } from '../shared/http/problems/problem.ts';
import { withFigures } from '../shared/http/responses/subscription.ts';
import { serve } from '../shared/http/serve.ts';
import { setSubscription } from '../shared/table/items/subscriptions.ts';

export const handler = serve(contract, async ({ path, body, table, now }) => {
  const { status, productName = path.product, machineQuota = body.quota, trial, ...terms } = body;
  const { reserveOnline = defaultReserveOnline(body.quota) } = body.offline;
  const result = await setSubscription(
    table,
    path,
    {
      ...terms,
      productName,
      machineQuota,
      suspended: status === 'suspended',
      trial: trial || undefined,
      expiresAt: Date.parse(body.expiresAt),
      offline: { ...body.offline, reserveOnline },
    },
    now,
  );
  switch (result.outcome) {
    case 'no-organization':
      throw notFound();
    case 'other-license-type':
      throw invalid('/body/licenseType', `is ${result.subscription.licenseType} for good: it cannot be changed`);
    case 'not-in-catalogue': {
      const { detail, near } = notInCatalogue(path.product, result.catalogue);
      const toDo = 'It cannot be sold before it is put into the catalogue.';
      throw new Problem('product-not-in-catalogue', `${detail} ${toDo}`, { near });
    }
    case 'contended':
      throw contended();
    default:
      return {
        status: result.outcome === 'created' ? 201 : 200,
        body: await withFigures(table, result.subscription, now, { isVendor: true }),
      };
  }
});
