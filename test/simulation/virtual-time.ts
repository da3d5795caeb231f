import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import type { Clock } from '../../shared/table/store/clock.ts';

interface Event {
  at: number;
  /** Decides between events of the same time. */
  order: number;
  happen: () => void;
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Virtual time: events in the order of their times. No run waits. */
export class VirtualTime implements Clock {
  private readonly heap: Event[] = [];
  private time: number;
  private scheduled = 0;

  /** @param beginning epoch ms */
  constructor(beginning: number) {
    this.time = beginning;
  }

  readonly now = (): number => this.time;

  readonly pause = (ms: number): Promise<void> => new Promise((resolve) => this.at(this.time + ms, resolve));

  /** Has something happen at a time, ms. */
  at(at: number, happen: () => void): void {
    const { heap } = this;
    const event = { at: Math.max(at, this.time), order: this.scheduled++, happen };
    let place = heap.push(event) - 1;
    while (place > 0) {
      const above = (place - 1) >>> 1;
      if (!isBefore(event, heap[above] as Event)) break;
      heap[place] = heap[above] as Event;
      place = above;
    }
    heap[place] = event;
  }

  private next(): Event | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Event, heap[below] as Event)) below++;
      if (!isBefore(heap[below] as Event, last)) break;
      heap[place] = heap[below] as Event;
      place = below;
    }
    heap[place] = last;
    return first;
  }

  /**
   * Has all events happen until a time (ms), or until none is left. Everything that an event makes possible at once happens
   * before the next event.
   *
   * Node's promised timers are virtual meanwhile.
   */
  async run(until = Number.POSITIVE_INFINITY): Promise<void> {
    const { setTimeout: real } = timers;
    timers.setTimeout = ((ms: number) => this.pause(ms)) as typeof real;
    syncBuiltinESMExports();
    try {
      await new Promise<void>((resolve, reject) => {
        const step = () => {
          try {
            const next = (this.heap[0]?.at ?? Number.POSITIVE_INFINITY) <= until ? this.next() : undefined;
            if (!next) return resolve();
            this.time = next.at;
            next.happen();
            // An immediate comes after all microtasks.
            setImmediate(step);
          } catch (error) {
            reject(error);
          }
        };
        setImmediate(step);
      });
    } finally {
      timers.setTimeout = real;
      syncBuiltinESMExports();
    }
  }
}
