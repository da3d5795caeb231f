import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { newId } from '../ids.ts';
import { keys } from './keys.ts';
import { mailboxOf, memberWrites } from './members.ts';
import { signed, type Table } from './table.ts';

export interface Organization {
  id: string;
  name: string;
  /** Epoch ms. */
  createdAt: number;
}

export const readOrganization = async (table: Table, organizationId: string): Promise<Organization | undefined> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.organization(organizationId), ConsistentRead: true }),
  );
  return Item && { id: organizationId, name: Item.name, createdAt: Item.createdAt };
};

/** Creates an organization and the membership of its first owner, together. */
export const createOrganization = async (
  table: Table,
  { name, ownerEmail, now }: { name: string; ownerEmail: string; now: number },
): Promise<Organization> => {
  const organization: Organization = { id: newId('org'), name, createdAt: now };
  const { userId } = await mailboxOf(table, ownerEmail);
  const { id, ...attributes } = organization;
  await table.client.send(
    new TransactWriteCommand({
      TransactItems: [
        { Put: { TableName: table.name, Item: signed(table, { ...keys.organization(id), ...attributes }) } },
        ...memberWrites(table, { organizationId: id, userId, email: ownerEmail, role: 'owner', now }),
      ],
    }),
  );
  return organization;
};
