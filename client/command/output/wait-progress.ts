import type { Waiting } from '../../api.ts';
import type { Environment } from '../settings/config.ts';
import { foldable } from './announce.ts';
import { sanitize } from './sanitize.ts';

/** The output for people: standard error. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly write: (text: string) => unknown;
}

/** Prints a message, without characters that control the terminal. */
export const printMessage = (screen: Screen, text: string): void => void screen.write(sanitize(`${text}\n`));

/** Formats seconds: `0:09`, `12:30`, `1:02:05`. */
export const clockText = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
};

type Place = Pick<Waiting, 'position' | 'estimatedSeconds'>;

const waitingText = (product: string, { position, estimatedSeconds }: Place, waitedSeconds: number): string => {
  const estimate = typeof estimatedSeconds === 'number' ? `, perhaps ${clockText(estimatedSeconds)} more` : '';
  return sanitize(
    `Waiting for a ${product} license: number ${position} in the queue, ${clockText(waitedSeconds)} so far${estimate}`,
  );
};

/** How often a log repeats an unchanged place, ms. */
const repeatEveryMs = 60_000;

/** Shows the place in the queue: on a terminal in one line that is updated, elsewhere line by line. */
export interface WaitingLine {
  readonly show: (place: Place) => void;
  /** Clears the line. */
  readonly end: () => void;
}

export const waitingLine = (
  product: string,
  screen: Screen,
  environment: Environment,
  now: () => number = () => performance.now(),
): WaitingLine => {
  const began = now();
  const waited = () => (now() - began) / 1000;
  if (!screen.isTTY || environment.CI || environment.TERM === 'dumb') {
    let lastShown: { position: number; at: number } | undefined;
    const fold = foldable(environment, `Waiting for a ${product} license`);
    return {
      show: (place) => {
        if (fold && !lastShown) screen.write(fold.begin());
        if (lastShown?.position === place.position && now() - lastShown.at < repeatEveryMs) return;
        lastShown = { position: place.position, at: now() };
        screen.write(`${waitingText(product, place, waited())}\n`);
      },
      end: () => {
        if (fold && lastShown) screen.write(fold.end());
      },
    };
  }
  const [dim, plain] = environment.NO_COLOR ? ['', ''] : ['\x1b[2m', '\x1b[22m'];
  let shown: Place | undefined;
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    if (shown) screen.write(`\r\x1b[K${dim}${waitingText(product, shown, waited())}${plain}`);
  };
  return {
    show: (place) => {
      shown = place;
      draw();
      timer ??= setInterval(draw, 1000);
    },
    end: () => {
      clearInterval(timer);
      if (shown) screen.write('\r\x1b[K');
      shown = undefined;
    },
  };
};

/** Returns a function that tells each new reason why the service is away, once. */
export const awayMessages = (say: (text: string) => void, seconds: number): ((failure: Error) => void) => {
  let last: string | undefined;
  return ({ message }) => {
    if (message !== last) say(`${message} Trying for ${clockText(seconds)} in all.`);
    last = message;
  };
};
