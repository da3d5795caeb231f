import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Activation } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { useList } from '../../../api/use-list.ts';
import { emailColumn, idColumn, personColumn, timeColumn } from '../../../components/columns.tsx';
import { Empty } from '../../../components/empty.tsx';
import { ListTable } from '../../../components/list-table.tsx';
import { Status } from '../../../components/status.tsx';
import { exactTime, relativeTime } from '../../../components/time/format-time.ts';
import { useNow } from '../../../components/time/use-now.ts';
import { useMembers } from '../../../organization/use-members.ts';
import { productKey, productRef, useProduct, whyUnusable } from '../use-product.ts';
import { EndSessions } from './end-sessions.tsx';
import { TransferSession } from './transfer-session.tsx';

/** An activation with its member's name, to search and sort by. */
type OnlineLicense = Activation & { name: string; email: string };
type Open = { dialog: 'end'; sessions: readonly Activation[] } | { dialog: 'transfer'; session: Activation };

/** The licenses in use online. */
const OnlineLicenses = () => {
  const product = useProduct();
  const client = useClient();
  const [open, setOpen] = useState<Open>();
  const members = useMembers();
  const list = useList(productKey(product, 'activations'), (query) =>
    client.listActivations({ ...productRef(product), ...query }),
  );
  const byId = new Map(members.items.map((member) => [member.userId, member]));
  const items = list.items.map((activation): OnlineLicense => {
    const { name = activation.userId, email = activation.userId } = byId.get(activation.userId) ?? {};
    return { ...activation, name, email };
  });
  const close = () => setOpen(undefined);
  return (
    <>
      <ListTable
        title="Online licenses"
        nouns={['online license', 'online licenses']}
        description="Licenses in use now. If a session dies, its license becomes free when the lease ends."
        list={{ ...list, items }}
        total={product.inUse.online}
        idOf={({ sessionId }) => sessionId}
        searchTextOf={({ name, email, machineId, hostname, sessionId }) => [
          name,
          email,
          machineId,
          hostname,
          sessionId,
        ]}
        columns={[
          personColumn('User', (license: OnlineLicense) => license),
          { ...idColumn('machineId', 'Machine', 'machine ID'), id: 'machine' },
          idColumn('sessionId', 'Session', 'session ID'),
          {
            id: 'host',
            header: 'Host name',
            optional: true,
            sortingField: 'hostname',
            cell: ({ hostname }) => hostname ?? '–',
          },
          emailColumn(({ email }: OnlineLicense) => email),
          timeColumn('activatedAt', 'Since'),
          {
            id: 'until',
            header: 'Lease until',
            kind: 'status',
            sortingField: 'leaseExpiresAt',
            cell: ({ leaseExpiresAt }) => leaseExpiresAt && <Lease until={leaseExpiresAt} />,
          },
        ]}
        actions={(selected) => {
          const [session] = selected;
          return (
            <SpaceBetween direction="horizontal" size="xs">
              {product.licenseType === 'floating' && (
                <Button
                  disabled={!session || selected.length > 1}
                  onClick={() => session && setOpen({ dialog: 'transfer', session })}
                >
                  Transfer
                </Button>
              )}
              <Button disabled={!session} onClick={() => setOpen({ dialog: 'end', sessions: selected })}>
                Remove license
              </Button>
            </SpaceBetween>
          );
        }}
        empty={
          <Empty title="No license is in use">
            {whyUnusable(product) ??
              (product.licenseType === 'floating'
                ? 'Every member may use one: start a session with a sign-in, or a runner with an API key. It appears here by itself.'
                : 'Assign licenses under “Licensed users”. Once one is used, it appears here by itself.')}
          </Empty>
        }
      />
      {open?.dialog === 'end' && <EndSessions sessions={open.sessions} onClose={close} />}
      {open?.dialog === 'transfer' && <TransferSession session={open.session} onClose={close} />}
    </>
  );
};

/** Shows whether a lease is live. */
const Lease = ({ until }: { until: string }) => {
  const now = useNow();
  const end = Date.parse(until);
  const live = end > now;
  return (
    <span title={exactTime(end)}>
      <Status type={live ? 'success' : 'pending'}>
        {live ? 'Live' : 'Lease is over'}, {relativeTime(end, now, 'narrow')}
      </Status>
    </span>
  );
};

export default OnlineLicenses;
