import type { EndedReason } from '../../shared/contracts/schemas/activation.ts';
import { type HeldSeat, type HolderKind, holderKind } from '../../shared/domain/seat.ts';

/** What became of one claim: of a seat, or of a user's license by a session. */
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
  /** Whether it is a seat's. A session of a named user stands on the user's license. */
  onSeat: boolean;
  /** The moment since when it stands. */
  since: number;
  /** The moment at which the request began that made it. */
  asked: number;
  /** When its lease ends, or ended (epoch ms). */
  until: number;
  /** Whether it stands: nobody has claimed, freed or closed what it stands on. */
  open: boolean;
  /** The moment since when it does not. */
  closedSince?: number;
  /** Whether a record stood for it: it was verified. */
  recorded: boolean;
  /** Whether its holder was told of it. */
  answered: boolean;
  /** The last moment at which a request began that was answered that it goes on. */
  extendedFrom: number;
  /** How it ended on record, with the moment since when. */
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

  /** Those that stand. */
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
