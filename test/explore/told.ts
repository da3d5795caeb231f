import type { Answer, Operation } from '../table/support/model/pool-operations.ts';

/** The last answer to a session's runner. */
interface ToldOfSession {
  user: number;
  machine: string;
  claim?: { seat: number; fence: number };
  before?: { seat: number; fence: number };
}

/** The answers to clients, as far as their next requests use them. */
export class Told {
  private readonly sessions = new Map<string, ToldOfSession>();
  private readonly removed = new Set<number>();
  /** The offline licenses that were issued. */
  readonly offline = new Set<string>();

  of = (session: string): ToldOfSession | undefined => this.sessions.get(session);

  isRemoved = (user: number): boolean => this.removed.has(user);

  /** A member signs in no more once its removal begins. */
  begun = (operation: Operation): void => {
    if (operation.kind === 'remove-member') this.removed.add(operation.user);
  };

  answered = (operation: Operation, { outcome, seat, id }: Answer): void => {
    if (id !== undefined) this.offline.add(id);
    if (operation.kind === 'activate' && outcome === 'waiting') {
      const { user, machine } = operation;
      this.sessions.set(operation.session, { user, machine, before: this.of(operation.session)?.claim });
    }
    if (!seat || !('session' in operation)) return;
    const mine = this.of(operation.session);
    const user = 'user' in operation ? operation.user : mine?.user;
    const machine = 'machine' in operation ? operation.machine : mine?.machine;
    if (user === undefined || machine === undefined) return;
    const claim = { seat: seat.number, fence: seat.fence };
    // Answers may come in another order than they were given.
    if (mine?.claim && mine.claim.fence > claim.fence) return;
    const before = mine?.claim?.fence === claim.fence ? mine.before : mine?.claim;
    this.sessions.set(operation.session, { user, machine, claim, before });
  };
}
