/** The file and line of the code that makes a step, without its indentation. */
type Line = readonly [file: string, line: string];

const table = 'shared/table';
const acquire = `${table}/engine/acquire-seat.ts`;
const requestState = `${table}/engine/request-state.ts`;
const confirm = `${table}/engine/confirm-claim.ts`;
const complete = `${table}/engine/complete-pending.ts`;
const raise = `${table}/engine/raise-claimable.ts`;
const unrecorded = `${table}/engine/unrecorded-claims.ts`;
const sessions = `${table}/items/sessions.ts`;
const subscriptions = `${table}/items/subscriptions.ts`;
const subscription = 'shared/domain/subscription.ts';
const deactivate = `${table}/removals/deactivate.ts`;
const settleSession = `${table}/activations/settle-session.ts`;
const lapse = `${table}/session-ends/lapse.ts`;
const register = `${table}/machines/register-machine.ts`;
const idleSlots = `${table}/machines/free-idle-slots.ts`;
const assign = `${table}/machines/assign-slots.ts`;
const settleDue = `${table}/schedule/settle-due.ts`;
const removeMachine = `${table}/removals/remove-machine.ts`;
const transfer = `${table}/activations/transfer-session.ts`;
const moves = `${table}/session-ends/session-moves.ts`;
const offline = `${table}/offline/settle-offline.ts`;
const voidOffline = `${table}/offline/void-offline.ts`;

const transferLicense = `${table}/licensed-users/transfer-license.ts`;
const pendingLicenses = `${table}/licensed-users/pending-licenses.ts`;
const removeLicense = `${table}/licensed-users/remove-license.ts`;
const endLicense = `${table}/licensed-users/end-license.ts`;
const byTerms = `${table}/session-ends/end-by-terms.ts`;
const heartbeat = `${table}/activations/heartbeat-floating.ts`;
const activateFloating = `${table}/activations/activate-floating.ts`;
const queue = `${table}/queue/queue.ts`;
const readLine = `${table}/queue/read-line.ts`;
const tickets = `${table}/items/queue-tickets.ts`;
const removeMember = `${table}/removals/remove-member.ts`;
const forceLeave = `${table}/removals/leave-queue.ts`;
const forceEnd = `${table}/session-ends/force-end.ts`;
const census = `${table}/engine/consult-census.ts`;
const seats = `${table}/items/seats.ts`;
const blocks = `${table}/items/blocks.ts`;

const claim: Line = [
  acquire,
  'const claimed = await claimSeat(table, pool, number, claimant.hold(subscription, now), {',
];
const record: Line = [
  confirm,
  "if ((await putRecord(table, recordKey, record, asRead)) === 'lost') return giveBack(again);",
];
const voidClaim: Line = [acquire, 'const voided = await voidClaim(table, claimant.recordKey, record, ended);'];
const giveBack: Line = [confirm, 'await freeSeat(table, pool, claim);'];
const readSeats: Line = [
  requestState,
  'readPage(table, seatsFrom(pool, first, block), { limit, consistent: !isLate }),',
];
const verify: Line = [confirm, 'const found = await readTerms(table, claimant, subscriptionKey, [], clock.now());'];
const readMember: Line = [removeMember, 'const member = await readMember(table, pool.organizationId, userId);'];
const endMembership: Line = [
  removeMember,
  'const changed = await changeMember(table, organizationId, member, { removedAt: now }, now);',
];
const listOwnSeats: Line = [
  removeMember,
  'const { items, next } = await readSeatPage(table, pool, { limit: 1000, after });',
];
const freeHold: Line = [sessions, 'const freed = await freeSeat(table, pool, claim);'];
const takeSlot: Line = [
  register,
  'const acquired = await acquire(table, { ...claimant, openNumbers: openSlots(table, pool, clock) }, clock);',
];
const setTerms: Line = [subscriptions, "ConditionExpression: asRead ?? 'attribute_not_exists(pk)',"];
const voidUnrecorded: Line = [
  unrecorded,
  'if (!(await voidClaim(table, recordKey, asRead, ended))) return now + checkClaimAfterMs;',
];
const closeUnrecorded: Line = [unrecorded, 'await closeSeat(table, pool, seatClaim(seat));'];
const listSeats: Line = [idleSlots, 'readSeats(table, pool, [everySeat]),'];
const endMachine: Line = [
  idleSlots,
  "} else if (machine.status === 'ended' || (await endMachine(table, pool, machine, { reason: 'released', at: now })))",
];
const freeSlot: Line = [idleSlots, 'await freeSeat(table, slotsOf(pool), claim);'];
const touch: Line = [register, 'const touched = await touchMachine(table, pool, { ...request, now: clock.now() });'];

const readCensus: Line = [census, 'const censuses = await readCensuses(table, pool);'];
const readCensusSeats: Line = [
  census,
  'const view: View = { ranges: [range], seats: await readSeats(table, pool, [range]) };',
];
const watchSeats: Line = [census, 'const watched = await watchAll(table, pool, unwatched, watching, clock);'];
const certifyBlock: Line = [
  census,
  'isWhole && (await certifyBlock(table, pool, block, { asRead: censuses.get(block), seats, from, now }));',
];
const readCensusAgain: Line = [
  census,
  'const [terms, after] = await Promise.all([readSubscription(table, pool), readCensuses(table, pool)]);',
];
const refuseByCensus: Line = [census, 'if (standing.length === blocks.length)'];
const writeSeat: Line = [
  seats,
  'const written = await update(briefly, { Key, ...write }, { keepsActor: !setsActor });',
];
const dissolve: Line = [
  seats,
  'if (mayEnd && written.item?.watchedAt !== undefined) await dissolveCertificate(table, pool, number);',
];
const answerWrite: Line = [seats, 'return written;'];
const pushCopies: Line = [
  blocks,
  'await pMap(others, (block) => putCopy(table, subscription, block), { concurrency: putsAtOnce });',
];
const answerTerms: Line = [subscriptions, "return { outcome: before ? 'changed' : 'created', subscription: current };"];

/** The line of the code for each step of each model. Steps of the world (`world_…`) have none. */
export const steps: Readonly<Record<string, Readonly<Record<string, Line>>>> = {
  seat: {
    read_record: [requestState, 'readTerms(table, { pool, precondition }, subscriptionKey, [recordKey], now),'],
    read_seats: readSeats,
    void: voidClaim,
    claim,
    verify,
    too_late: [confirm, 'if (now >= seat.hold.availableAt) return giveBack(again);'],
    record,
    renew: [acquire, ': await renewSeat(table, pool, claim, { from, until, leaseMs });'],
    give_back: giveBack,
    close_lapsed: [raise, 'const { held, left } = await closeLapsedSeats(table, pool, above, now, closesPerPass);'],
    raise: [raise, 'await setClaimable(table, pool, subscription, claimable);'],
    heartbeat: [`${table}/activations/heartbeat-floating.ts`, 'renewSeat(table, pool, claim, { from: now, userId }),'],
    release_record: [
      deactivate,
      "const released = await endSession(table, pool, sessionId, { userId, fence }, { reason: 'released', at: now });",
    ],
    release_seat: freeHold,
    force_record: [
      deactivate,
      "const forced = await endSession(table, pool, sessionId, { notOf: userId }, { reason: 'license-removed', at: now });",
    ],
    force_seat: [sessions, 'return { ...ended, held: isOver && (await freeSessionHold(table, pool, ended.record)) };'],
    sweep_read_seat: [`${table}/schedule/sweep-pool.ts`, 'const page = await readHeldPage(table, pool, of, after);'],
    sweep_read_record: [settleSession, 'const { seat, subscription, session } = await getItems(table, {'],
    lapse_seat: [lapse, 'const closed = await closeSessionHold(table, pool, session, { now });'],
    lapse_record: [lapse, 'const ended = await endSession(table, pool, session.sessionId, { claim }, how);'],
    sweep_free: [
      settleSession,
      'if (isClaim((await readHold()).seat, claim)) await freeSessionHold(table, pool, session);',
    ],
    sweep_void: voidUnrecorded,
    sweep_close: closeUnrecorded,
    set_smaller: [subscription, 'if (quota < before.quota) return 0;'],
    set_larger: [
      subscription,
      'return before.quota > 0 && before.claimable === before.quota ? quota : before.claimable;',
    ],
    set_suspended: setTerms,
    set_resumed: setTerms,
  },
  slot: {
    claim_seat: claim,
    touch,
    claim_slot: takeSlot,
    void_own_claim: voidClaim,
    claim_own_slot: claim,
    record_machine: record,
    give_slot_back: giveBack,
    read_machine: [idleSlots, 'const machines = await readMachines(table, pool, ids);'],
    list_seats: listSeats,
    stop_machine: endMachine,
    free_slot: freeSlot,
  },
  'slot-quota': {
    claim_seat: claim,
    verify,
    list_seats: [assign, 'const seats = await readSeats(table, pool, [everySeat]);'],
    void_claims: [
      assign,
      'const recorded = await pMap(held, (seat) => voidUnrecorded(table, pool, seat, now), { concurrency: 100 });',
    ],
    give_slots: [assign, 'const acquired = await acquire(table, inUseMachineClaimant(table, pool, machineId), clock);'],
    set_complete: [
      assign,
      'if (await assignSlots(table, pool, clock)) await setSlotsComplete(table, pool, subscription);',
    ],
    take_slot: takeSlot,
    record_claim: record,
    set_terms: [
      subscription,
      'if (before && !machineQuotaBinds(before)) return { machineClaimable: 0, slotsComplete: false };',
    ],
  },
  removal: {
    close_record: [
      removeMachine,
      'const ended = await endRecordOf(table, pool, machineId, machine, { blockedUntil, ran, now });',
    ],
    close_sessions: [removeMachine, "await endAll(table, pool, after, { reason: 'machine-removed', now });"],
    check: [settleDue, 'await finishRemoval(table, pool, { ...due, blockedUntil: machine?.blockedUntil }, now);'],
    finish_removal: [acquire, 'await claimant.finishEnd?.(record, now);'],
    free_own_slot: [acquire, 'await freeSeat(table, pool, ownClaim);'],
    free_slot: [removeMachine, 'await freeSeat(table, slotsOf(pool), slotOf(ended));'],
    touch,
    claim_slot: takeSlot,
    list_seats: listSeats,
    free_idle_slot: endMachine,
  },
  move: {
    read_session: [
      transfer,
      'const [found, seats] = await Promise.all([getItems(table, wanted), readSeats(table, pool, [everySeat])]);',
    ],
    mark: [
      transfer,
      "if (!(await markSeat(table, pool, marking, { machineId, moveId }))) return { outcome: 'again' };",
    ],
    put_intent: [transfer, 'const session = await putIntent(table, pool, asRead, moving);'],
    take_mark_off: [transfer, 'await unmarkSeat(table, pool, claim, moveId);'],
    commit: [transfer, 'const seat = await moveToMachine(table, pool, claim, { machineId, moveId, from, until });'],
    find_move: [moves, 'const { moving } = session;'],
    read_seat: [moves, 'let [seat] = await readSeats(table, pool, [{ first: claim.number, last: claim.number }]);'],
    unmark: [moves, 'const unmarked = await unmarkSeat(table, pool, claim, moving.id);'],
    record_move: [moves, 'await recordMove(table, pool, session, moving, seat?.hold?.movedAt ?? now);'],
    drop_intent: [moves, 'await dropIntent(table, pool, session, moving);'],
    free_hold: freeHold,
    free_moved: [
      sessions,
      'const moved = moving && (await freeSeat(table, pool, movedClaim(session, moving), moving.id));',
    ],
    release: [sessions, 'const ended = await endRecord<Session>(table, keys.session(pool, sessionId), which, end);'],
    finish_release: [settleSession, 'if (isHeld) await freeSessionHold(table, pool, session);'],
  },
  offline: {
    read: [requestState, 'readTerms(table, { pool, precondition }, subscriptionKey, [recordKey], now),'],
    read_seats: readSeats,
    prolong_issued: [acquire, '? await prolongSeat(table, pool, claim, pendingHold.until(record))'],
    void_claim: voidClaim,
    claim,
    record,
    prolong: [complete, 'const held = await prolongSeat(table, pool, claim, until);'],
    complete: [complete, 'const record = await completeRecord<R>(table, recordKey, claim);'],
    drop_lost: [
      complete,
      "const drop = () => endRecord<R>(table, recordKey, { claim }, { reason: 'lease-expired', at: now, pending: true });",
    ],
    give_back: giveBack,
    void_record: [voidOffline, 'const { item: license } = await update(table, {'],
    void_seat: [
      voidOffline,
      'if (license.voidedAt !== undefined) await freeSeat(table, pool, claimOfLicense(license));',
    ],
    finish_voiding: [offline, "if (license.status === 'active' && license.voidedAt === undefined) return undefined;"],
    settle_read: [offline, 'const { seat, license } = await getItems(table, wanted);'],
    drop_pending: [offline, 'const dropped = await endRecord(table, recordKey, { claim }, end);'],
    void_unrecorded: voidUnrecorded,
    close_unrecorded: closeUnrecorded,
    free_dropped: [offline, 'await freeSeat(table, pool, claim);'],
  },
  license: {
    read: [transferLicense, 'const { subscription, giver, recipient } = await getItems(table, {'],
    put_intent: [
      transferLicense,
      "if ((await putRecord(table, recipientKey, intent, recipient)) === 'lost') return { outcome: 'again' };",
    ],
    read_member: [transferLicense, 'if (!(await readMember(table, pool.organizationId, to))) {'],
    verify_intent: [transferLicense, 'const verified = await verifyIntent(table, pool, intent);'],
    hand_over: [
      pendingLicenses,
      'if (!(await handOver(table, pool, before, to))) return dropIntent(table, pool, license, now);',
    ],
    end_giver: [
      pendingLicenses,
      "await endLicense(table, pool, from.userId, before, { reason: 'license-transferred', at: now });",
    ],
    complete: [pendingLicenses, 'const completed = await completeRecord<License>(table, recordKey, claim);'],
    free_incomplete: [pendingLicenses, 'if (!completed) await freeSeat(table, pool, claim);'],
    drop_intent: [pendingLicenses, 'if (!license.from.verified) return dropIntent(table, pool, license, now);'],
    grant_claim: claim,
    grant_verify: [confirm, 'const violation = claimant.precondition?.violation(found, subscription, verifiedAt);'],
    grant_record: record,
    grant_give_back: giveBack,
    remove_license: [
      endLicense,
      'const ended = await endRecord<License>(table, keys.license(pool, userId), { claim }, end);',
    ],
    remove_seat: [endLicense, 'await freeSeat(table, pool, seatClaimOf(license));'],
    end_membership: endMembership,
    list_claims: listOwnSeats,
    read_license_of_claim: [removeMember, 'const license = await readLicense(table, pool, userId);'],
    read_member_of_claim: [
      removeMember,
      'const mayStay = isRecordOf(license, seat) || (await readMember(table, pool.organizationId, userId)) !== undefined;',
    ],
    void_grant: [
      pendingLicenses,
      'if (!(await voidClaim(table, keys.license(pool, userId), asRead, ended))) return false;',
    ],
    close_void: [pendingLicenses, 'await closeSeat(table, pool, seatClaim(seat));'],
    read_license: [removeLicense, 'const license = await readLicense(table, pool, userId);'],
    read_member_again: [
      removeLicense,
      "if (ofFormer && (await readMember(table, pool.organizationId, userId))) return 'used';",
    ],
    end_license: [removeLicense, 'const outcome = await endLicense(table, pool, userId, seatClaimOf(license), end);'],
    free_license: [endLicense, 'await freeSeat(table, pool, seatClaimOf(license));'],
    settle_pending: [
      `${table}/schedule/settle-due.ts`,
      "if (license.status === 'pending') await resolveLicense(table, pool, license, now);",
    ],
    close_claim: [
      `${table}/schedule/settle-due.ts`,
      'const voided = await voidGrant(table, pool, seat, license, now);',
    ],
  },
  member: {
    read: [requestState, 'readTerms(table, { pool, precondition }, subscriptionKey, [recordKey], now),'],
    put_ticket: [queue, 'const there = await putTicket(table, pool, ticket);'],
    look_again: [
      queue,
      'getItems(table, { ticket: keys.ticket(pool, sessionId), record: keys.session(pool, sessionId) }),',
    ],
    claim,
    record,
    give_back: giveBack,
    leave_line: [activateFloating, 'await leaveLine(table, pool, acquired.record, line?.own);'],
    end_membership: endMembership,
    read_waits: [removeMember, 'const waiting = await readWaiting(table, pool, { userId }, now);'],
    read_member_after_waits: readMember,
    read_record: [forceLeave, 'const asRead = await readSession(table, pool, sessionId);'],
    put_ended: [
      forceLeave,
      "if ((await putRecord(table, keys.session(pool, sessionId), ended, asRead)) === 'lost') return undefined;",
    ],
    remove_place: [forceLeave, 'await removePlace(table, pool, ticket);'],
    list_seats: listOwnSeats,
    read_member: readMember,
    read_claim: [forceEnd, 'const { seat, session, subscription } = await readClaim(table, pool, claim);'],
    end_record: [
      forceEnd,
      'const { outcome } = await endSession(table, pool, sessionId, { claim }, { reason, at: now });',
    ],
    void_claim: [
      forceEnd,
      "if ((await putRecord(table, keys.session(pool, sessionId), ended, asRead)) === 'lost') return false;",
    ],
    free_seat: [forceEnd, 'await freeSeat(table, pool, claim);'],
    read_seat_again: [
      removeMember,
      '[seat] = await readSeats(table, pool, [{ first: listed.number, last: listed.number }]);',
    ],
  },
  bound: {
    claim,
    settle_transfers: [
      `${table}/offline/offline-licenses.ts`,
      '(await settleTransfers(table, subscription, machineId, by.now()));',
    ],
    record,
    complete: [complete, 'const record = await completeRecord<R>(table, recordKey, claim);'],
    repeat: [acquire, 'await claimant.pendingHold?.resolve(state.record);'],
    look: [transfer, 'const offline = await findOfflineMachine(table, pool, { seats, machineIds, now });'],
    mark: [
      transfer,
      "if (!(await markSeat(table, pool, marking, { machineId, moveId }))) return { outcome: 'again' };",
    ],
    look_again: [transfer, 'const verified = await verify(table, pool, session, moving, clock);'],
    verify_intent: [transferLicense, 'const verified = await verifyIntent(table, pool, intent);'],
    commit_license: [
      pendingLicenses,
      'if (!(await handOver(table, pool, before, to))) return dropIntent(table, pool, license, now);',
    ],
    commit: [transfer, 'const seat = await moveToMachine(table, pool, claim, { machineId, moveId, from, until });'],
  },
  terms: {
    extend: [heartbeat, 'renewSeat(table, pool, claim, { from: now, userId }),'],
    read_terms: [heartbeat, 'readTermsOf(table, pool, number),'],
    read_terms_again: [byTerms, 'const subscription = await readSubscription(table, pool);'],
    close_seat: [byTerms, 'const closed = await closeSessionHold(table, pool, session, { early });'],
    close_record: [heartbeat, 'const ended = await endSession(table, pool, sessionId, { claim }, { reason, at });'],
    extend_beside: [heartbeat, 'renewSeat(table, pool, claim, { from: now, userId }),'],
    resume: setTerms,
  },
  refusal: {
    earlier_read: [acquire, 'learnFull(table, pool, { ...withoutHolders(read), version, isSteady });'],
    begin: [acquire, 'const state = await readRequestState(table, claimant, clock.now());'],
    read_pool: [acquire, 'const read = poolReadOf(seats, clock.now());'],
    read_pool_again: [acquire, 'view = await readPlanned(table, pool, { ranges: [{ first: 1, last: claimable }] });'],
    refuse: [
      acquire,
      "if (keepsPlace || isProven || isLast) return { outcome: 'exhausted', subscription, held: [...read.held], ahead };",
    ],
  },
  line: {
    read: [requestState, 'readTerms(table, { pool, precondition }, subscriptionKey, [recordKey], now),'],
    read_head: [
      readLine,
      'const { items, next } = await readEntries(table, pool, { limit: headSize, consistent: false });',
    ],
    claim,
    read_on: [readLine, 'const { items, next } = await readEntries(table, pool, page);'],
    verify_line: [readLine, 'const before = await readBefore(table, pool, sessionId, { subscription, own, now });'],
    verify_seats: [readLine, 'const seats = await readSeats(table, pool, ranges);'],
    record,
    look_for_ticket: [
      queue,
      'const other = own ? await removePlace(table, pool, own) : await readTicket(table, pool, record.sessionId);',
    ],
    remove_own_entry: [tickets, 'await removeEntry(table, pool, ticket);'],
    remove_own_ticket: [tickets, 'const { done, item } = await remove(table, {'],
    remove_used_place: [readLine, 'if (isOver) await removePlace(table, pool, found);'],
    give_back: giveBack,
    stamp: [queue, 'await stamp(table, ticket, subscription, now);'],
    put_ticket: [queue, 'const there = await putTicket(table, pool, ticket);'],
    put_entry: [
      queue,
      'const entry = await putEntry(table, pool, { sessionId, arrivedAt, aliveUntil: until, aheadAtFirst: ahead });',
    ],
    look_again: [
      queue,
      'getItems(table, { ticket: keys.ticket(pool, sessionId), record: keys.session(pool, sessionId) }),',
    ],
    withdraw: [queue, 'await removeEntry(table, pool, entry);'],
    remove_former_entry: [
      queue,
      'if (line?.former && line.former.arrivedAt !== there.arrivedAt) await removeEntry(table, pool, line.former);',
    ],
    clear_dead_entry: [
      queue,
      'if (await removeDeadEntry(table, pool, entry)) await removeDeadTicket(table, pool, entry);',
    ],
    clear_dead_ticket: [
      queue,
      'if (await removeDeadEntry(table, pool, entry)) await removeDeadTicket(table, pool, entry);',
    ],
    renew_entry: [queue, 'const renewed = await renewEntry(table, pool, entry, until);'],
    renew_ticket: [queue, 'const ticket = await renewTicket(table, pool, own, renewed.aliveUntil);'],
    remove_renewed_entry: [queue, 'await removeEntry(table, pool, own);'],
    mark_ticket: [tickets, "UpdateExpression: 'SET aliveUntil = :never, leftAt = :now',"],
    leave_line: [tickets, 'if (done && item) await removeEntry(table, pool, item);'],
    force_read_tickets: [removeMember, 'const waiting = await readWaiting(table, pool, { userId }, now);'],
    force_record: [
      forceLeave,
      "if ((await putRecord(table, keys.session(pool, sessionId), ended, asRead)) === 'lost') return undefined;",
    ],
    force_place: [forceLeave, 'await removePlace(table, pool, ticket);'],
    force_read_seats: [removeMember, 'await endSessionsOf(table, pool, { userId, now });'],
    force_seats: [removeMember, "await forceEnd(table, pool, seat, { reason: 'user-removed', now });"],
  },
  places: {
    read_line: [
      activateFloating,
      'const acquired = await acquire(table, sessionClaimant(table, pool, request), clock);',
    ],
    count_places: [queue, 'const taken = await placesTaken(table, pool, request, { subscription, line }, now);'],
    put_ticket: [queue, 'const there = await putTicket(table, pool, ticket);'],
    put_entry: [
      queue,
      'const entry = await putEntry(table, pool, { sessionId, arrivedAt, aliveUntil: until, aheadAtFirst: ahead });',
    ],
    read_line_again: [queue, 'const after = await withOwn(table, pool, head, { sessionId, ticket: there }, now);'],
    count_places_again: [
      queue,
      'const full = await placesTaken(table, pool, request, { subscription, line: after }, now);',
    ],
    remove_entry: [tickets, 'await removeEntry(table, pool, ticket);'],
    remove_ticket: [tickets, 'const { done, item } = await remove(table, {'],
  },
  census: {
    read_terms: [requestState, 'readTerms(table, { pool, precondition }, subscriptionKey, [recordKey], now),'],
    read_current: [acquire, "if (!(await isCurrent(table, pool, { subscription }))) return { outcome: 'again' };"],
    read_census: readCensus,
    read_seat: readCensusSeats,
    watch: watchSeats,
    certify: certifyBlock,
    read_terms_again: [census, "if (terms?.version !== subscription.version) return { outcome: 'again' };"],
    read_census_again: readCensusAgain,
    refuse: refuseByCensus,
    claim,
    grow: [subscription, 'return before.quota > 0 && before.claimable === before.quota ? quota : before.claimable;'],
    push_copy: pushCopies,
    answer_growth: answerTerms,
    give_back: giveBack,
    free_seat: writeSeat,
    dissolve,
    answer: answerWrite,
  },
  'census-lease': {
    read_census: readCensus,
    read_clock: [census, 'const from = clock.now();'],
    read_seat: readCensusSeats,
    watch: watchSeats,
    certify: certifyBlock,
    read_census_again: readCensusAgain,
    read_clock_again: [census, 'const now = clock.now();'],
    refuse: refuseByCensus,
    claim,
    free_seat: writeSeat,
    dissolve,
    answer: answerWrite,
    extend: [heartbeat, 'renewSeat(table, pool, claim, { from: now, userId }),'],
    shorten: [
      seats,
      'mayEnd: (until !== undefined || leaseMs !== undefined) && isShort(from, until ?? from + (leaseMs ?? 0)),',
    ],
    dissolve_short: dissolve,
    answer_short: answerWrite,
  },
  blocks: {
    read: [requestState, 'readTerms(table, { pool, precondition }, subscriptionKey, [recordKey], now),'],
    read_current: [acquire, 'const current = await readCurrent(table, pool, subscription ? undefined : block);'],
    read_elsewhere: [acquire, 'view = merge(view, await readPlanned(table, pool, plan));'],
    claim,
    verify,
    give_back: [confirm, 'await freeSeat(table, pool, claim);'],
    read_current_after: [confirm, 'await readCurrent(table, pool, found.get(subscriptionKey) ? undefined : block);'],
    make_copy: [blocks, 'await putCopy(table, subscription, block);'],
    push_copy: pushCopies,
    note_pushed: [blocks, "UpdateExpression: 'SET pushed = :version',"],
    list: [raise, 'const { held, left } = await closeLapsedSeats(table, pool, above, now, closesPerPass);'],
    full: [
      raise,
      "if (claimable === before) return left.length > 0 ? { outcome: 'read-again' } : { outcome: 'full', above };",
    ],
    raise: [subscriptions, "if (done && item && numbered !== 'slots') await pushTerms(table, item);"],
    refuse: [
      acquire,
      "if (keepsPlace || isProven || isLast) return { outcome: 'exhausted', subscription, held: [...read.held], ahead };",
    ],
    record,
    set: setTerms,
    answer: answerTerms,
  },
};

/** Returns docs/proof-steps.md. */
export const stepsPage = (): string =>
  [
    '# The steps of the models\n',
    'Each step of a model in `test/proof` stands for a line of the code. `npm run verify:model -- --steps` prints this page; a test',
    'fails if a line is gone, or if a step has none. [The proof](proof.md) tells what the models show.\n',
    ...Object.entries(steps).flatMap(([model, lines]) => [
      `## ${model}.pml\n`,
      '| step | file | line |',
      '|---|---|---|',
      ...Object.entries(lines).map(
        ([step, [file, line]]) => `| \`${step}\` | \`${file}\` | \`${line.replaceAll('|', '\\|')}\` |`,
      ),
      '',
    ]),
  ].join('\n');
