import type { EndedReason } from '../../shared/contracts/schemas/activation.ts';
import { type HeldSeat, type HolderKind, holderKind } from '../../shared/domain/seat.ts';

/** The story of one claim: of a seat, or of a user's license by a session. */
export interface Story {
  kind: HolderKind;
  holder: string;
  number: number;
  fence: number;
  userId: string;
  machineId: string | undefined;
  movingTo: string | undefined;
  moveId: string | undefined;
  claimId: string | undefined;
  /** Whether the claim is of a seat. A session of a named user stands on the user's license. */
  onSeat: boolean;
  /** The moment from which the claim stands. */
  since: number;
  /** The moment at which the claiming request began. */
  asked: number;
  /** The end of its lease, past or to come (epoch ms). */
  until: number;
  /** Whether the claim stands: nobody has claimed, freed or closed its seat or license. */
  open: boolean;
  /** The moment from which the claim no longer stands. */
  closedSince?: number;
  /** Whether the claim had a record: it was verified. */
  recorded: boolean;
  /** Whether the holder was told of the claim. */
  answered: boolean;
  /** The beginning of the last request whose answer extended the claim. */
  extendedFrom: number;
  /** The end on record, with its moment. */
  end?: { reason: EndedReason; at: number; since: number };
}

const nameOf = (holder: string, { number, fence }: { number: number; fence: number }) =>
  `${holder} on ${number}/${fence}`;

/** Every claim that was ever made. */
export class Stories {
  private readonly all = new Map<string, Story>();

  of = (holder: string, claim: { number: number; fence: number }): Story | undefined =>
    this.all.get(nameOf(holder, claim));

  every = (): Story[] => [...this.all.values()];

  /** Returns the claims that stand. */
  open = (): Story[] => this.every().filter(({ open }) => open);

  /** Begins the story of a claim, or goes on with it. */
  standing = (
    { number, fence, hold }: HeldSeat,
    { onSeat, since, asked }: { onSeat: boolean; since: number; asked: number },
  ): Story => {
    const { holder, userId, machineId, movingTo, moveId, claimId, availableAt: until } = hold;
    const now = { userId, machineId, movingTo, moveId, claimId, until };
    const known = this.of(holder, { number, fence });
    if (known) return Object.assign(known, now);
    const kind = holderKind(holder);
    const flags = { open: true, recorded: false, answered: false, extendedFrom: since };
    const story: Story = { kind, holder, number, fence, onSeat, since, asked, ...flags, ...now };
    this.all.set(nameOf(holder, story), story);
    return story;
  };
}

export const textOf = ({ holder, number, fence, machineId }: Story): string =>
  `${nameOf(holder, { number, fence })}${machineId ? ` (${machineId})` : ''}`;
